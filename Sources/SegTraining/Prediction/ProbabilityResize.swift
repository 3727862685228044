package import SegData

/// Class probabilities at another size, bilinearly between pixel centres at halves, one pixel after the other.
package struct ProbabilityResize {
  let from, to: PixelSize
  let classes: Int

  package init(from: PixelSize, to: PixelSize, classes: Int) {
    self.from = from
    self.to = to
    self.classes = classes
  }

  /// - Parameters:
  ///   - source: `[from.height, from.width, classes]`.
  ///   - take: called for each pixel of the new size in order, with its probabilities.
  package func forEachPixel(
    _ source: UnsafeBufferPointer<Float>, _ take: (_ pixel: Int, UnsafePointer<Float>) -> Void
  ) {
    let down = Self.steps(from: from.height, to: to.height)
    let across = Self.steps(from: from.width, to: to.width)
    let mixed = UnsafeMutablePointer<Float>.allocate(capacity: classes)
    defer { mixed.deallocate() }
    let base = source.baseAddress!
    for (y, row) in down.enumerated() {
      let upper = base + row.low * from.width * classes
      let lower = base + row.high * from.width * classes
      for (x, column) in across.enumerated() {
        let (left, right) = (column.low * classes, column.high * classes)
        for c in 0..<classes {
          let top = upper[left + c] + column.part * (upper[right + c] - upper[left + c])
          let bottom = lower[left + c] + column.part * (lower[right + c] - lower[left + c])
          mixed[c] = top + row.part * (bottom - top)
        }
        take(y * to.width + x, mixed)
      }
    }
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
