internal import SegCore

/// Where a crop falls: anywhere, or where it shows a class, or where no class fills it.
extension RandomCrop {
  /// Windows that are looked at before one too uniform is taken.
  private static let candidates = 10

  /// The part of a picture of size `whole` that fills the crop, or as much of it as there is.
  ///
  /// With `maxClassShare`, the first of ten windows that shows two classes or more and none above that share of its
  /// labelled pixels, else the last (`cat_max_ratio` of MMSegmentation). With `sample.focus`, windows hold a pixel of
  /// that class, drawn uniformly.
  ///
  /// - Parameters:
  ///   - whole: the size the sample will have when it is cropped.
  ///   - sample: at its size before.
  ///   - method: how it will be resized.
  func drawWindow(
    of whole: PixelSize, _ sample: Sample, _ rng: inout CounterRNG,
    by method: DataConfig.Resize = .pil
  ) throws -> Window {
    let point = drawPoint(of: whole, sample, &rng)
    guard let maxClassShare else { return place(whole, point, &rng) }
    // All are drawn, whichever is taken: what follows must not depend on the labels.
    let windows = (0..<Self.candidates).map { _ in place(whole, point, &rng) }
    for window in windows
    where isVaried(try sample.label.resized(to: whole, window: window, by: method), maxClassShare) {
      return window
    }
    return windows[Self.candidates - 1]
  }

  private typealias Point = (y: Int, x: Int)

  /// A pixel of the class in focus, in coordinates of `whole`; nil where it has none.
  private func drawPoint(
    of whole: PixelSize, _ sample: Sample, _ rng: inout CounterRNG
  ) -> Point? {
    guard let focus = sample.focus else { return nil }
    let label = sample.label
    let count = label.pixels.reduce(0) { $0 + ($1 == focus ? 1 : 0) }
    guard count > 0 else { return nil }
    var left = rng.integer(in: 0..<count)
    let pixel = label.pixels.firstIndex {
      guard $0 == focus else { return false }
      left -= 1
      return left < 0
    }
    guard let pixel else { return nil }
    func scaled(_ place: Int, _ from: Int, _ to: Int) -> Int {
      min(to - 1, (2 * place + 1) * to / (2 * from))
    }
    return (
      scaled(pixel / label.width, label.height, whole.height),
      scaled(pixel % label.width, label.width, whole.width)
    )
  }

  /// Uniform among the windows that hold `point`, or among all.
  private func place(_ whole: PixelSize, _ point: Point?, _ rng: inout CounterRNG) -> Window {
    func start(_ length: Int, _ window: Int, _ point: Int?) -> Int {
      let last = max(0, length - window)
      let low = point.map { max(0, min(last, $0 - window + 1)) } ?? 0
      let high = point.map { min(last, $0) } ?? last
      return rng.integer(in: low..<high + 1)
    }
    let top = start(whole.height, size.height, point?.y)
    let left = start(whole.width, size.width, point?.x)
    return Window(
      top: top, left: left,
      size: PixelSize(
        height: min(whole.height, size.height), width: min(whole.width, size.width)))
  }

  private func isVaried(_ label: LabelMap, _ share: Double) -> Bool {
    var counts = [Int](repeating: 0, count: 256)
    for value in label.pixels { counts[Int(value)] += 1 }
    counts[Int(ignoreIndex)] = 0
    let total = counts.reduce(0, +)
    let present = counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    return present > 1 && Double(counts.max() ?? 0) < share * Double(total)
  }
}
