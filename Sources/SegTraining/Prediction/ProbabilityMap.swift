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
    ProbabilityResize(from: other, to: size, classes: classes).forEachPixel(source) {
      decide($0, $1)
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
}
