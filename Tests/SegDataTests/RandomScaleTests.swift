import SegCore
import SegData
import Testing

@Suite struct RandomScaleTests {
  static func sizes(_ choice: RandomScale.Choice, _ height: Int, _ width: Int) throws -> Set<
    PixelSize
  > {
    let sample = TransformTests.sample(height, width)
    return Set(
      try (0..<80).map {
        try TransformTests.apply(RandomScale(choice), to: sample, stream: UInt64($0)).size
      })
  }

  /// Sides rounded down, as `int(w * s)`.
  @Test func takesEachFactorOfAList() throws {
    let found = try Self.sizes(.list([0.75, 1, 1.25]), 21, 30)
    let expected: Set = [
      PixelSize(height: 15, width: 22), PixelSize(height: 21, width: 30),
      PixelSize(height: 26, width: 37),
    ]
    #expect(found == expected)
  }

  /// `int(size * long / short)`, both ends drawn.
  @Test func drawsTheShortSide() throws {
    let wide = try Self.sizes(.shortSide(5...7), 10, 33)
    #expect(
      wide == [
        PixelSize(height: 5, width: 16), PixelSize(height: 6, width: 19),
        PixelSize(height: 7, width: 23),
      ])
    let tall = try Self.sizes(.shortSide(5...5), 33, 10)
    #expect(tall == [PixelSize(height: 16, width: 5)])
  }

  /// 1536x768 for a crop of 769: enlarged by 769/768 and a pixel more, to 1539x770.
  @Test func enlargesLikeThePublishedLoader() throws {
    let sample = TransformTests.sample(768, 1536)
    let crop = PixelSize(height: 769, width: 769)
    let found = try TransformTests.apply(EnlargeToCrop(crop), to: sample)
    #expect(found.size == PixelSize(height: 770, width: 1539))
    #expect(found.label.height == 770)
    let large = try TransformTests.apply(EnlargeToCrop(PixelSize(height: 9, width: 9)), to: sample)
    #expect(large == sample)
  }

  /// Jitter, scale, enlargement and crop in one are the four in a row: larger than the crop, smaller on one side or both.
  @Test(arguments: DataConfig.Resize.allCases, [true, false])
  func jitterScaleEnlargeAndCropInOne(_ method: DataConfig.Resize, enlarges: Bool) throws {
    let sample = TransformTests.sample(20, 33)
    let choice = RandomScale.Choice.range(0.3...2.5)
    let crop = RandomCrop(
      PixelSize(height: 16, width: 24), padding: RGB(9, 8, 7), ignoreIndex: 255)
    let jitter = ColorJitter(ColorJitterConfig(brightness: 0.5, contrast: 0.5, saturation: 0.5))
    let enlarge = EnlargeToCrop(crop.size, by: method)
    let steps: [any Transform] =
      [jitter, RandomScale(choice, by: method)] + (enlarges ? [enlarge] : []) + [crop]
    let joined = RandomScaleCrop(choice, crop, jitter: jitter, enlarges: enlarges, by: method)
    for stream in UInt64(0)..<60 {
      let one = try TransformTests.apply(joined, to: sample, stream: stream)
      var many = sample
      var rng = CounterRNG(seed: 7, stream: stream)
      for step in steps { try step.apply(&many, &rng) }
      #expect(one == many, "\(stream)")
    }
  }
}
