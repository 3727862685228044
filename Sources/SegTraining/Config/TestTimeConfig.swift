public import SegCore
public import SegData

/// How a picture is given to the network when it is scored or predicted: whole or in windows, once or in several views.
///
/// Class probabilities of all views are averaged.
public struct TestTimeConfig: Sendable, Equatable {
  /// Factors of both sides, one view each.
  public var scales: [Double]
  /// Whether each view is also taken mirrored.
  public var flip: Bool
  /// The picture is cut into windows of this size; nil: it is taken whole.
  public var window: PixelSize?
  /// Share of a window that its neighbour covers too, at least.
  public var overlap: Double

  public init(
    scales: [Double] = [1], flip: Bool = false, window: PixelSize? = nil, overlap: Double = 0.25
  ) {
    self.scales = scales
    self.flip = flip
    self.window = window
    self.overlap = overlap
  }

  /// The picture as it is, once.
  public var isPlain: Bool { scales == [1] && !flip && window == nil }

  /// Continues a sentence: ` in 320x240 windows, at scales 0.5, 1, mirrored too`; nothing where it is plain.
  var words: String {
    var parts: [String] = []
    if let window { parts.append(" in \(window) windows") }
    if scales != [1] {
      parts.append(
        " at scales " + scales.map { JSONValue.number($0).compact }.joined(separator: ", "))
    }
    if flip { parts.append(" mirrored too") }
    return parts.joined(separator: ",")
  }

  /// Reads its keys from section `evaluation`.
  public init(_ section: ConfigSection) {
    scales = section.value(
      "scales", Self.scaleType, default: [1],
      "Factors of both sides; class probabilities of all views are averaged.")
    flip = section.bool("flip", default: false, "Whether each view is also taken mirrored.")
    let window = section.optionalInts(
      "window", count: 2, in: PixelSize.sides,
      "[height, width] of windows that slide over pictures; null: pictures are taken whole.")
    self.window = window.map { PixelSize(height: $0[0], width: $0[1]) }
    overlap = section.number(
      "overlap", default: 0.25, in: 0...Self.largestOverlap,
      "Share of a window that its neighbour covers too, at least.")
  }

  private static let largestOverlap = 0.9
  private static var scaleType: ConfigType<[Double]> {
    ConfigType<Double>.number(in: 0.05...20).list(count: 1...16)
  }
}
