internal import SegCore

/// Pixels of the classes, sizes and colours of the inspected splits, and the class weights that follow.
public struct DataStats: Sendable, Equatable {
  public var classes: [ClassInfo]
  public var splits: [SplitStats]

  /// One split, at the stored size of its files; samples with an error are left out.
  public struct SplitStats: Sendable, Equatable {
    public var split: String
    /// Samples counted.
    public var samples: Int
    /// Samples with an error, which are not counted.
    public var leftOut: Int
    /// Pixels by class.
    public var pixels: [Int]
    /// Samples that show the class, by class.
    public var images: [Int]
    public var ignored: Int
    /// Image sizes, the commonest first; empty where only labels were read.
    public var sizes: [SizeCount]
    /// Of red, green, blue over all pixels, in the range 0 to 1; nil without images.
    public var mean: [Double]?
    /// Population standard deviation, like `mean`.
    public var std: [Double]?

    /// Pixels that are not ignored.
    public var counted: Int { pixels.reduce(0, +) }
    /// Share of a class among the pixels that are not ignored.
    public func share(_ index: Int) -> Double {
      counted > 0 ? Double(pixels[index]) / Double(counted) : 0
    }
    /// Share of all pixels that is ignored.
    public var ignoredShare: Double {
      counted + ignored > 0 ? Double(ignored) / Double(counted + ignored) : 0
    }
    /// Indices of the classes without pixels.
    public var absent: [Int] { pixels.indices.filter { pixels[$0] == 0 } }
  }

  public struct SizeCount: Sendable, Equatable {
    public var size: PixelSize
    public var images: Int
  }

  public init(_ inspection: DataInspection) {
    classes = inspection.classes
    splits = inspection.splits.map { Self.split($0, inspection) }
  }

  private static func split(
    _ split: DataInspection.Split, _ inspection: DataInspection
  ) -> SplitStats {
    let labels = inspection.labels
    let sound = split.files.filter(\.isSound)
    var stats = SplitStats(
      split: split.name, samples: sound.count, leftOut: split.files.count - sound.count,
      pixels: [Int](repeating: 0, count: inspection.classes.count),
      images: [Int](repeating: 0, count: inspection.classes.count),
      ignored: 0,
      sizes: tally(sound))
    var sums = [0, 0, 0]
    var squares = [0, 0, 0]
    for file in sound {
      var shown = Set<Int>()
      for (value, count) in file.stored.enumerated() where count > 0 {
        // An ignored class index is ignored, as in training.
        if labels.mapped[value] == labels.ignoreIndex {
          stats.ignored += count
        } else {
          stats.pixels[Int(labels.mapped[value])] += count
          shown.insert(Int(labels.mapped[value]))
        }
      }
      for index in shown { stats.images[index] += 1 }
      for channel in 0..<3 {
        sums[channel] += file.sums[channel]
        squares[channel] += file.squares[channel]
      }
    }
    let pixels = stats.sizes.map { $0.size.height * $0.size.width * $0.images }.reduce(0, +)
    if pixels > 0 {
      let mean = sums.map { Double($0) / Double(pixels) }
      stats.mean = mean.map { $0 / 255 }
      stats.std = zip(squares, mean).map { square, mean in
        max(Double(square) / Double(pixels) - mean * mean, 0).squareRoot() / 255
      }
    }
    return stats
  }

  /// Image sizes with their numbers, the commonest first, of equals the smaller.
  static func tally(_ files: [FileInspection]) -> [SizeCount] {
    var counts: [PixelSize: Int] = [:]
    for file in files {
      if let size = file.imageSize { counts[size, default: 0] += 1 }
    }
    return counts.map { SizeCount(size: $0.key, images: $0.value) }.sorted {
      (-$0.images, $0.size.height, $0.size.width) < (-$1.images, $1.size.height, $1.size.width)
    }
  }
}
