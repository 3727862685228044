import SegCore
package import SegData
import SegEngine

/// Classes decided from averaged probabilities, at the picture's own size.
package struct ProbabilityMap {
  let size: PixelSize
  let classes: Int
  package private(set) var labels: [UInt8]
  /// Probability of the class decided on.
  package private(set) var confidence: [Float]
  /// Pixels with a probability that is not finite.
  package private(set) var broken = 0

  package init(size: PixelSize, classes: Int) {
    self.size = size
    self.classes = classes
    labels = [UInt8](repeating: 0, count: size.height * size.width)
    confidence = [Float](repeating: 0, count: size.height * size.width)
  }

  /// Decides rows of the picture's own width; the lowest class of equals.
  package mutating func decide(_ rows: TestTimeInference.Rows) {
    for pixel in 0..<rows.count * size.width {
      decide(rows.first * size.width + pixel, rows.probabilities.baseAddress! + pixel * classes)
    }
  }

  /// Decides all pixels from probabilities `[height, width, classes]` of another size, bilinearly between them (pixel
  /// centres at halves).
  package mutating func decide(_ source: UnsafeBufferPointer<Float>, of other: PixelSize) {
    let down = Self.steps(from: other.height, to: size.height)
    let across = Self.steps(from: other.width, to: size.width)
    let mixed = UnsafeMutablePointer<Float>.allocate(capacity: classes)
    defer { mixed.deallocate() }
    let base = source.baseAddress!
    for (y, row) in down.enumerated() {
      let upper = base + row.low * other.width * classes
      let lower = base + row.high * other.width * classes
      for (x, column) in across.enumerated() {
        let (left, right) = (column.low * classes, column.high * classes)
        for c in 0..<classes {
          let top = upper[left + c] + column.part * (upper[right + c] - upper[left + c])
          let bottom = lower[left + c] + column.part * (lower[right + c] - lower[left + c])
          mixed[c] = top + row.part * (bottom - top)
        }
        decide(y * size.width + x, mixed)
      }
    }
  }

  private mutating func decide(_ pixel: Int, _ values: UnsafePointer<Float>) {
    var best = 0
    var isFinite = true
    for c in 0..<classes {
      if values[c] > values[best] { best = c }
      isFinite = isFinite && values[c].isFinite
    }
    if !isFinite { broken += 1 }
    labels[pixel] = UInt8(best)
    confidence[pixel] = values[best]
  }

  private struct Step {
    var low, high: Int
    /// Of the way from `low` to `high`.
    var part: Float
  }

  private static func steps(from: Int, to: Int) -> [Step] {
    (0..<to).map { i in
      let place = max(0, (Double(i) + 0.5) * Double(from) / Double(to) - 0.5)
      let low = min(Int(place), from - 1)
      return Step(low: low, high: min(low + 1, from - 1), part: Float(place - Double(low)))
    }
  }
}
