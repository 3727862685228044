import SegCore
import SegData
import SegLosses

/// Pixels by class, as far as the weights of a loss ask for them.
public struct LabelCounts: Sendable, Equatable {
  /// Over the training split.
  public var training: [Int]
  /// Over the first image of each validation batch, at the network's resolution; `nil` where nobody asks.
  public var firstOfBatch: [Int]?

  public init(training: [Int], firstOfBatch: [Int]? = nil) {
    self.training = training
    self.firstOfBatch = firstOfBatch
  }

  /// Counts the first image of each batch of `batchSize` validation samples in order, as the recall loss repository
  /// does.
  ///
  /// - Throws: `Failure` for a bad label, unless bad samples are left out.
  static func firstOfBatch(
    _ dataset: FileDataset, _ data: DataConfig, _ inputSize: InputSize, batchSize: Int
  ) throws -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for index in stride(from: 0, to: dataset.count, by: batchSize) {
      do {
        var label = try dataset.storedLabel(at: index)
        try dataset.labelTable.apply(to: &label, name: dataset.labelPath(at: index))
        let size = try inputSize.size(of: PixelSize(height: label.height, width: label.width))
        label = try label.resized(to: size, by: data.resize)
        for value in label.pixels { counts[Int(value)] += 1 }
      } catch let failure as Failure where failure.status == .badData && data.onBadSample == .skip {
        continue
      }
    }
    counts[Int(dataset.ignoreIndex)] = 0
    return Array(counts.prefix(dataset.classes.count))
  }
}

extension ClassWeightsConfig {
  /// Whether it takes the counts of `LabelCounts.firstOfBatch`.
  var countsFirstOfBatch: Bool { ruleName != nil && variant == .recallCode }

  /// One weight a class.
  ///
  /// - Parameter isSingle: whether the loss is this term alone; the scheduling code gives that no weights.
  /// - Returns: `nil` for no weights, also where what they follow from was not counted.
  func values(_ counts: LabelCounts, isSingle: Bool) throws -> [Float]? {
    if case .values(let numbers) = rule { return numbers.map { Float($0) } }
    if variant == .schedulingCode, isSingle { return nil }
    guard let pixels = countsFirstOfBatch ? counts.firstOfBatch : counts.training else {
      return nil
    }
    return try countRule?.weights(counts: pixels).map { Float($0) }
  }

  private var countRule: ClassWeightRule? {
    switch rule {
    // That code's rule has mean 1 whatever it is called.
    case .inverse: variant == .schedulingCode ? .inverseMean1 : .inverse
    case .inverseMeanOne: .inverseMean1
    case .median: .median
    case .effective(let beta): .effective(beta: beta)
    case .values: nil
    }
  }

  /// Rule and reading for logs, e.g. `effective, beta auto (recall_code: first image of each validation batch)`.
  var description: String {
    var text = ruleName ?? "given"
    if case .effective(let beta) = rule { text += ", beta \(beta.map { "\($0)" } ?? "auto")" }
    switch variant {
    case .paper: break
    case .recallCode: text += " (recall_code: first image of each validation batch)"
    case .schedulingCode: text += " (scheduling_code: mean 1)"
    }
    return text
  }
}

extension LossConfig {
  /// One list a term; `nil` where classes are not weighted, and for a rule where nothing was counted.
  func classWeights(_ counts: LabelCounts?) throws -> [[Float]?] {
    try terms.map { term in
      guard let weights = term.weighting, counts != nil || weights.ruleName == nil else {
        return nil
      }
      return try weights.values(counts ?? LabelCounts(training: []), isSingle: terms.count == 1)
    }
  }

  /// For logs: the class weights of each term that has some, or was to have some.
  func describe(_ classWeights: [[Float]?], _ classes: [ClassInfo]) -> [String] {
    zip(termNames, zip(terms, classWeights)).compactMap { name, entry in
      guard let rule = entry.0.weighting else { return nil }
      let text = "class weights of \(name), \(rule.description): "
      guard let weights = entry.1 else {
        return text + "dropped, as that code does where the loss is a single term"
      }
      return text + zip(classes, weights).map { "\($0.name) \($1)" }.joined(separator: ", ")
    }
  }
}
