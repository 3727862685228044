import CSegKernels
import SegCore
package import SegData
import SegEngine

/// Class probabilities of a picture, averaged over windows, scales and mirrored views.
///
/// Rows are given out as soon as no window can change them, so that memory depends on the height of a window and
/// not on that of the picture. Windows and views are added in one order: the bits are the same for any number of threads.
package struct TestTimeInference {
  let config: TestTimeConfig
  let classes: Int
  let normalization: Normalization
  /// How views are scaled.
  let resize: DataConfig.Resize
  let runner: InferenceRunner

  package init(
    config: TestTimeConfig, classes: Int, normalization: Normalization,
    resize: DataConfig.Resize = .pil, runner: InferenceRunner
  ) {
    self.resize = resize
    self.config = config
    self.classes = classes
    self.normalization = normalization
    self.runner = runner
  }

  /// A part of the picture's rows.
  package struct Rows {
    package var first: Int
    package var count: Int
    /// `[count, width, classes]`, valid during the call.
    package var probabilities: UnsafeMutableBufferPointer<Float>

    package init(first: Int, count: Int, probabilities: UnsafeMutableBufferPointer<Float>) {
      self.first = first
      self.count = count
      self.probabilities = probabilities
    }
  }

  /// - Parameters:
  ///   - picture: at the size the network sees at scale 1.
  ///   - take: called with all rows, from the top to the bottom.
  package func run(_ picture: Raster, take: (Rows) throws -> Void) throws {
    let size = PixelSize(height: picture.height, width: picture.width)
    let grid = WindowGrid(of: size, window: config.window, overlap: config.overlap)
    let rowLength = size.width * classes
    let band = UnsafeMutableBufferPointer<Float>.allocate(capacity: grid.rows.length * rowLength)
    defer { band.deallocate() }
    band.update(repeating: 0)
    for (row, top) in grid.rows.starts.enumerated() {
      for (column, left) in grid.columns.starts.enumerated() {
        let part = picture.cropped(top: top, left: left, to: grid.windowSize)
        try addViews(
          of: part, rows: grid.rows.shares[row], columns: grid.columns.shares[column],
          to: UnsafeMutableBufferPointer(rebasing: band[(left * classes)...]), stride: rowLength)
      }
      let next = row + 1 < grid.rows.starts.count ? grid.rows.starts[row + 1] : size.height
      let done = next - top
      try take(
        Rows(
          first: top, count: done,
          probabilities: UnsafeMutableBufferPointer(rebasing: band[..<(done * rowLength)])))
      // What the next windows add to moves to the start.
      let kept = band.count - done * rowLength
      let start = band.baseAddress!
      start.update(from: start + done * rowLength, count: kept)
      UnsafeMutableBufferPointer(rebasing: band[kept...]).update(repeating: 0)
    }
  }

  /// Of a window as the network sees it.
  static func viewSize(of window: PixelSize, scale: Double) -> PixelSize {
    func scaled(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
    return PixelSize(height: scaled(window.height), width: scaled(window.width))
  }

  /// Adds the probabilities of a window's views times its shares.
  private func addViews(
    of part: Raster, rows: [Float], columns: [Float], to target: UnsafeMutableBufferPointer<Float>,
    stride: Int
  ) throws {
    let views = Float(config.scales.count * (config.flip ? 2 : 1))
    for scale in config.scales {
      let scaled = try part.resized(to: Self.viewSize(of: part.size, scale: scale), by: resize)
      for isMirrored in config.flip ? [false, true] : [false] {
        let probabilities = try probabilities(
          isMirrored ? scaled.mirrored() : scaled, height: part.height, width: part.width)
        let base = UncheckedPointer(target.baseAddress!)
        let source = UncheckedPointer(probabilities.baseAddress!)
        let (width, classes) = (part.width, classes)
        runner.pool.forEach(part.height) { y in
          for x in 0..<width {
            let share = rows[y] * columns[x] / views
            let from = source.pointer + (y * width + (isMirrored ? width - 1 - x : x)) * classes
            let to = base.pointer + y * stride + x * classes
            for c in 0..<classes { to[c] += share * from[c] }
          }
        }
      }
    }
  }

  /// `[height, width, classes]` of the network's answer to `input`; valid until the next call.
  private func probabilities(
    _ input: Raster, height: Int, width: Int
  ) throws -> UnsafeMutableBufferPointer<Float> {
    let key = InferencePlan.Key(
      batch: 1, height: input.height, width: input.width, outputHeight: height,
      outputWidth: width, scoresLoss: false)
    let pixels = [Float](unsafeUninitializedCapacity: 3 * input.height * input.width) {
      out, count in
      normalization.write(input, to: out)
      count = out.count
    }
    let logits = try pixels.withUnsafeBufferPointer { try runner.run(key, images: $0).logits }
    sk_softmax(
      runner.pool.handle, logits.baseAddress, logits.baseAddress, height * width, classes)
    return logits
  }
}

/// Memory that several threads use at places of their own.
struct UncheckedPointer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>

  init(_ pointer: UnsafeMutablePointer<Float>) { self.pointer = pointer }
}
