import SegData

/// Where windows lie along one axis, and how much each counts at every pixel.
package struct WindowAxis {
  /// First pixel of each window, rising; the last window ends with the picture.
  package let starts: [Int]
  /// Of a window; the picture's where that is smaller.
  package let length: Int
  /// Share of window `w` in the average at its pixel `i`: `[w][i]`; over the windows of a pixel they sum to 1.
  package let shares: [[Float]]

  /// - Parameters:
  ///   - whole: pixels of the picture along the axis.
  ///   - window: pixels of a window; nil for the whole picture.
  ///   - overlap: share of a window that the next one covers too, at least.
  package init(whole: Int, window: Int?, overlap: Double) {
    let length = min(whole, window ?? whole)
    let stride = max(1, Int(Double(length) * (1 - overlap)))
    let steps = (whole - length + stride - 1) / stride
    // Spread evenly, so that overlaps are equal and never smaller than asked for.
    let starts = (0...steps).map { steps == 0 ? 0 : $0 * (whole - length) / steps }
    // A tent: what a network says at the border of its window, with half of the surroundings cut off, counts least.
    let tent = (0..<length).map { Double(min($0 + 1, length - $0)) }
    var sums = [Double](repeating: 0, count: whole)
    for start in starts { for (i, weight) in tent.enumerated() { sums[start + i] += weight } }
    self.starts = starts
    self.length = length
    shares = starts.map { start in
      tent.enumerated().map { Float($1 / sums[start + $0]) }
    }
  }
}

/// The windows of a picture: every pair of the windows of both axes.
struct WindowGrid {
  let rows: WindowAxis
  let columns: WindowAxis

  init(of size: PixelSize, window: PixelSize?, overlap: Double) {
    rows = WindowAxis(whole: size.height, window: window?.height, overlap: overlap)
    columns = WindowAxis(whole: size.width, window: window?.width, overlap: overlap)
  }

  /// Of every window.
  var windowSize: PixelSize { PixelSize(height: rows.length, width: columns.length) }
}
