import SegCore
import SegData
import Testing

@Suite struct TransformTests {
  static func sample(_ height: Int, _ width: Int) -> Sample {
    Sample(
      image: PillowGoldens.picture(height, width, 3),
      label: LabelMap(
        height: height, width: width, pixels: PillowGoldens.picture(height, width, 1).pixels))
  }

  static func apply(_ transform: any Transform, to sample: Sample, stream: UInt64 = 1) throws
    -> Sample
  {
    var sample = sample
    var rng = CounterRNG(seed: 7, stream: stream)
    try transform.apply(&sample, &rng)
    return sample
  }

  @Test(arguments: PillowGoldens.jitter)
  func jitterIsPillows(_ golden: PillowGoldens.Jitter) {
    var picture = PillowGoldens.picture(3, 4, 3)
    picture.adjust(
      ColorFactors(
        brightness: golden.brightness, contrast: golden.contrast, saturation: golden.saturation))
    #expect(picture.pixels == golden.pixels)
  }

  /// The joined transform is the two in a row, wherever the crop falls and whether or not it is
  /// padded.
  @Test(arguments: 0..<60)
  func scaleAndCropInOneIsScaleThenCrop(_ stream: Int) throws {
    let sample = Self.sample(20, 31)
    let crop = RandomCrop(
      PixelSize(height: 16, width: 24), padding: RGB(9, 8, 7), ignoreIndex: 255)
    var two = sample
    var rng = CounterRNG(seed: 7, stream: UInt64(stream))
    try RandomScale(.range(0.5...2)).apply(&two, &rng)
    try crop.apply(&two, &rng)
    let one = try Self.apply(
      RandomScaleCrop(.range(0.5...2), crop), to: sample, stream: UInt64(stream))
    #expect(one == two)
    #expect(one.image.height == 16 && one.label.width == 24)
  }

  @Test func scaleCoversItsRangeAndKeepsAspect() throws {
    var heights = Set<Int>()
    for stream in 0..<200 {
      let scaled = try Self.apply(
        RandomScale(.range(0.5...2)), to: Self.sample(40, 60), stream: UInt64(stream))
      let (height, width) = (scaled.image.height, scaled.image.width)
      heights.insert(height)
      #expect((20...80).contains(height))
      #expect(abs(Double(width) - 1.5 * Double(height)) <= 1.5)
      #expect(scaled.label.height == height && scaled.label.width == width)
    }
    #expect(heights.count > 45)
  }

  @Test func cropIsAPartAndReachesEveryPlace() throws {
    let sample = Self.sample(5, 6)
    var places = Set<[UInt8]>()
    let crop = RandomCrop(PixelSize(height: 4, width: 3), padding: RGB(0, 0, 0), ignoreIndex: 255)
    for stream in 0..<200 {
      let part = try Self.apply(crop, to: sample, stream: UInt64(stream))
      let match = (0..<2).contains { top in
        (0..<4).contains { left in
          (0..<4).allSatisfy { y in
            (0..<3).allSatisfy { x in
              let from = (top + y) * 6 + left + x
              return part.label.pixels[y * 3 + x] == sample.label.pixels[from]
                && (0..<3).allSatisfy {
                  part.image.pixels[(y * 3 + x) * 3 + $0] == sample.image.pixels[from * 3 + $0]
                }
            }
          }
        }
      }
      #expect(match)
      places.insert(part.label.pixels)
    }
    #expect(places.count == 8)
  }

  @Test func smallPicturesArePaddedRightAndBelow() throws {
    let sample = Self.sample(2, 3)
    let crop = RandomCrop(PixelSize(height: 3, width: 5), padding: RGB(1, 2, 3), ignoreIndex: 77)
    let padded = try Self.apply(crop, to: sample)
    for y in 0..<3 {
      for x in 0..<5 {
        let inside = y < 2 && x < 3
        let expected = inside ? sample.label.pixels[y * 3 + x] : 77
        #expect(padded.label.pixels[y * 5 + x] == expected)
        let from = (y * 3 + x) * 3
        let color = inside ? Array(sample.image.pixels[from..<from + 3]) : [1, 2, 3]
        #expect(Array(padded.image.pixels[(y * 5 + x) * 3..<(y * 5 + x) * 3 + 3]) == color)
      }
    }
  }

  @Test func flipMirrorsImageAndLabelTogether() throws {
    for (height, width) in [(3, 4), (2, 5), (1, 1)] {
      let sample = Self.sample(height, width)
      let flipped = try Self.apply(RandomFlip(1), to: sample)
      for y in 0..<height {
        for x in 0..<width {
          let (to, from) = (y * width + x, y * width + width - 1 - x)
          #expect(flipped.label.pixels[to] == sample.label.pixels[from])
          for c in 0..<3 {
            #expect(flipped.image.pixels[3 * to + c] == sample.image.pixels[3 * from + c])
          }
        }
      }
      #expect(try Self.apply(RandomFlip(1), to: flipped) == sample)
      #expect(try Self.apply(RandomFlip(0), to: sample) == sample)
    }
  }

  @Test func flipHappensWithItsProbability() throws {
    let sample = Self.sample(1, 2)
    let count = try (0..<2000).filter {
      try Self.apply(RandomFlip(0.3), to: sample, stream: UInt64($0)) != sample
    }.count
    // Three standard deviations around 600.
    #expect((539...661).contains(count))
  }

  @Test func normalisationIsExact() throws {
    let mean: [Float] = [0.485, 0.456, 0.406]
    let std: [Float] = [0.229, 0.224, 0.225]
    let picture = PillowGoldens.picture(3, 5, 3)
    for order in DataConfig.ChannelOrder.allCases {
      var out = [Float](repeating: .nan, count: 45)
      let normalization = try Normalization(mean: mean, std: std, order: order)
      out.withUnsafeMutableBufferPointer { normalization.write(picture, to: $0) }
      for i in 0..<15 {
        for c in 0..<3 {
          let source = order == .rgb ? c : 2 - c
          let expected = (Float(picture.pixels[3 * i + source]) / 255 - mean[source]) / std[source]
          #expect(out[3 * i + c] == expected)
        }
      }
    }
    #expect(Normalization.meanColor(mean) == RGB(124, 116, 104))
    #expect(throws: Failure.self) { try Normalization(mean: mean, std: [1, 0, 1]) }
    #expect(throws: Failure.self) { try Normalization(mean: [0], std: std) }
  }

  @Test func pipelineDependsOnSeedIndexAndEpochOnly() throws {
    let data = DataConfig(layout: "camvid", root: "", size: PixelSize(height: 30, width: 40))
    let augment = AugmentConfig(
      scale: .range(0.5...2), cropSize: PixelSize(height: 16, width: 16), flip: 0.5,
      colorJitter: ColorJitterConfig(brightness: 0.2, contrast: 0.2, saturation: 0.2))
    let pipeline = try TransformPipeline.training(data, augment)
    func run(_ seed: UInt64, _ index: Int, _ epoch: Int) throws -> Sample {
      var sample = Self.sample(20, 31)
      try pipeline.apply(&sample, seed: seed, index: index, epoch: epoch)
      return sample
    }
    let first = try run(1, 2, 3)
    #expect(first.image.height == 16 && first.image.width == 16)
    #expect(try run(1, 2, 3) == first)
    for (seed, index, epoch) in [(2, 2, 3), (1, 3, 3), (1, 2, 4)] as [(UInt64, Int, Int)] {
      #expect(try run(seed, index, epoch) != first)
    }
  }

  static let impossible: [(AugmentConfig, PixelSize?, String)] = [
    (AugmentConfig(cropSize: PixelSize(height: 0, width: 4)), nil, "augment.crop_size"),
    (AugmentConfig(cropSize: PixelSize(height: 1 << 20, width: 1 << 20)), nil, "augment.crop_size"),
    (AugmentConfig(scale: .range(0...1)), nil, "augment.scale_range"),
    (AugmentConfig(scale: .range(1...Double.infinity)), nil, "augment.scale_range"),
    (AugmentConfig(flip: 1.5), nil, "augment.flip"),
    (AugmentConfig(flip: .nan), nil, "augment.flip"),
    (
      AugmentConfig(colorJitter: ColorJitterConfig(contrast: -0.1)), nil, "augment.color_jitter"
    ),
    (AugmentConfig(), PixelSize(height: 4, width: -1), "data.size"),
  ]

  @Test(arguments: impossible)
  func impossibleSettings(_ augment: AugmentConfig, _ size: PixelSize?, _ place: String) {
    let data = DataConfig(layout: "camvid", root: "", size: size)
    let failure = #expect(throws: Failure.self) { try TransformPipeline.training(data, augment) }
    #expect(failure?.status == .badConfig && failure?.place == place)
  }
}
