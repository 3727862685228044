internal import SegCore

/// Draws some of an epoch's samples by class: a class first, each equally often, then an image that shows it.
///
/// Classes on few images are then seen as often as the others (class-uniform sampling, Rota Bulò et al. 2018).
public struct ClassUniform: Sendable, Equatable {
  /// Share of the samples that are drawn so.
  public var share: Double
  /// By class, the indices of the samples that show it.
  public var imagesOfClass: [[Int]]

  public init(share: Double, imagesOfClass: [[Int]]) {
    self.share = share
    self.imagesOfClass = imagesOfClass
  }

  /// - Parameters:
  ///   - split: a split of `inspection`, by name.
  public init(share: Double, _ inspection: DataInspection, split: String) {
    self.init(share: share, imagesOfClass: inspection.imagesOfClass(split: split))
  }

  /// The visits of an epoch, some of those in `order` replaced; a pure function of seed and epoch.
  func replacing(_ order: [Int], seed: UInt64, epoch: Int) -> [SampleVisit] {
    let shown = imagesOfClass.indices.filter { !imagesOfClass[$0].isEmpty }
    var rng = CounterRNG(
      seed: seed, stream: CounterRNG.stream("class uniform"), step: UInt64(epoch))
    return order.enumerated().map { position, index in
      let isReplaced = rng.uniform() < share
      guard isReplaced, !shown.isEmpty else { return SampleVisit(index) }
      let label = shown[rng.integer(in: 0..<shown.count)]
      let images = imagesOfClass[label]
      return SampleVisit(
        index: images[rng.integer(in: 0..<images.count)],
        // Past the streams of the others, and one for each position: an image that comes twice differs.
        stream: order.count + position, focus: UInt8(label))
    }
  }
}

extension DataInspection {
  /// By class, the sound samples of a split that show it, by their place in the split.
  fileprivate func imagesOfClass(split name: String) -> [[Int]] {
    var images = [[Int]](repeating: [], count: classes.count)
    let files = splits.first { $0.name == name }?.files ?? []
    for (place, file) in files.enumerated() where file.isSound {
      for index in classes(in: file) { images[index].append(place) }
    }
    return images
  }
}

/// One sample of an epoch.
struct SampleVisit: Sendable, Equatable {
  var index: Int
  /// Keys the randomness of its augmentation.
  var stream: Int
  /// The class its crop must show.
  var focus: UInt8?

  init(_ index: Int) { self.init(index: index, stream: index, focus: nil) }

  init(index: Int, stream: Int, focus: UInt8?) {
    self.index = index
    self.stream = stream
    self.focus = focus
  }
}
