/// How each class fared in the batches of one step, from sums over their pixels.
public struct ClassTraces: Sendable, Equatable {
  /// Of one class.
  public struct Row: Sendable, Equatable {
    /// True pixels in the batch.
    public var pixels: Int
    /// Undefined, like all that follows but the share of the gradient, for a class the batch does not show.
    public var recall: Double?
    /// Mean probability of the true class.
    public var confidence: Double?
    /// Mean of (1 - p)^gamma.
    public var focalWeight: Double?
    /// 1 - recall, what the recall loss multiplies the class's cross entropy with (equation 4).
    public var recallWeight: Double?
    /// The two weights as shares of their sums over the classes the batch shows.
    public var focalShare, recallShare: Double?
    /// Recall share over focal share: above 1 where the recall loss favours the class more than focal does.
    public var ratio: Double?
    /// Share of the loss's gradient: the sum of |dL/dz| over the class's pixels, of all pixels'.
    public var gradientShare: Double?
  }

  /// One a class.
  public let rows: [Row]

  /// - Parameters:
  ///   - sums: `[classes, 4]`, as `ClassTrace` gives.
  ///   - mass: `[classes + 1]`, as `ClassGradientMass` gives.
  public init(sums: [Double], mass: [Double]) {
    let classes = mass.count - 1
    precondition(sums.count == 4 * classes, "4 sums a class")
    let total = mass.reduce(0, +)
    var rows = (0..<classes).map { index -> Row in
      let pixels = sums[4 * index]
      var row = Row(pixels: Int(pixels))
      row.gradientShare = total > 0 ? mass[index] / total : nil
      guard pixels > 0 else { return row }
      row.recall = sums[4 * index + 1] / pixels
      row.confidence = sums[4 * index + 2] / pixels
      row.focalWeight = sums[4 * index + 3] / pixels
      row.recallWeight = (pixels - sums[4 * index + 1]) / pixels
      return row
    }
    let focal = rows.reduce(0) { $0 + ($1.focalWeight ?? 0) }
    let recall = rows.reduce(0) { $0 + ($1.recallWeight ?? 0) }
    for index in rows.indices {
      rows[index].focalShare = focal > 0 ? rows[index].focalWeight.map { $0 / focal } : nil
      rows[index].recallShare = recall > 0 ? rows[index].recallWeight.map { $0 / recall } : nil
      if let part = rows[index].recallShare, let other = rows[index].focalShare, other > 0 {
        rows[index].ratio = part / other
      }
    }
    self.rows = rows
  }
}
