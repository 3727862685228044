import SegCore
import SegData
import Testing

@Suite struct RandomCropTests {
  static let size = PixelSize(height: 8, width: 10)

  /// Class 0 everywhere, one pixel of class 3 and a block of class 1.
  static func sample(rare: (y: Int, x: Int), focus: UInt8?) -> Sample {
    var sample = TransformTests.sample(40, 60)
    sample.label.pixels = [UInt8](repeating: 0, count: 40 * 60)
    for y in 0..<6 { for x in 0..<6 { sample.label.pixels[y * 60 + x] = 1 } }
    sample.label.pixels[rare.y * 60 + rare.x] = 3
    sample.focus = focus
    return sample
  }

  static func crop(maxClassShare: Double? = nil) -> RandomCrop {
    RandomCrop(size, padding: RGB(0, 0, 0), ignoreIndex: 255, maxClassShare: maxClassShare)
  }

  @Test(arguments: [(0, 0), (39, 59), (17, 31)])
  func showsTheClassInFocus(_ y: Int, _ x: Int) throws {
    let sample = Self.sample(rare: (y, x), focus: 3)
    for stream in 0..<40 {
      let found = try TransformTests.apply(Self.crop(), to: sample, stream: UInt64(stream))
      #expect(found.label.pixels.contains(3))
      #expect(found.size == Self.size)
    }
  }

  /// Where both sides grow, a pixel of the class is still in the window.
  @Test func showsTheClassInFocusAfterEnlarging() throws {
    let sample = Self.sample(rare: (17, 31), focus: 3)
    let transform = RandomScaleCrop(.list([2, 3]), Self.crop())
    for stream in 0..<40 {
      let found = try TransformTests.apply(transform, to: sample, stream: UInt64(stream))
      #expect(found.label.pixels.contains(3))
    }
  }

  @Test func focusOnAnAbsentClassIsAnyCrop() throws {
    let sample = Self.sample(rare: (0, 0), focus: 9)
    var plain = sample
    plain.focus = nil
    let found = try TransformTests.apply(Self.crop(), to: sample)
    #expect(try found.label == TransformTests.apply(Self.crop(), to: plain).label)
  }

  /// Half class 0, half class 2: most crops are of one class, and ten tries nearly always find the border.
  @Test func drawsAgainWhereOneClassFillsTheCrop() throws {
    var sample = TransformTests.sample(20, 60)
    sample.label.pixels = (0..<20 * 60).map { $0 % 60 < 30 ? 0 : 2 }
    func mixed(_ crop: RandomCrop) throws -> Int {
      try (0..<100).filter {
        let label = try TransformTests.apply(crop, to: sample, stream: UInt64($0)).label
        return Set(label.pixels).count == 2
      }.count
    }
    #expect(try mixed(Self.crop()) < 30)
    #expect(try mixed(Self.crop(maxClassShare: 0.95)) > 60)
  }

  /// The number of draws is the same, so what follows is too.
  @Test func drawsDoNotDependOnLabels() throws {
    var sample = Self.sample(rare: (3, 50), focus: nil)
    var random = [CounterRNG](repeating: CounterRNG(seed: 1, stream: 2), count: 2)
    try Self.crop(maxClassShare: 0.5).apply(&sample, &random[0])
    var other = TransformTests.sample(40, 60)
    try Self.crop(maxClassShare: 0.5).apply(&other, &random[1])
    #expect(random[0].next() == random[1].next())
  }

  @Test func ignoredPixelsAreNoClass() throws {
    var sample = TransformTests.sample(8, 60)
    // Windows of class 0 and ignored pixels show one class only.
    sample.label.pixels = (0..<8 * 60).map { $0 % 60 < 50 ? (($0 % 2 == 0) ? 255 : 0) : 4 }
    let found = try (0..<50).filter {
      try TransformTests.apply(Self.crop(maxClassShare: 0.99), to: sample, stream: UInt64($0))
        .label.pixels.contains(4)
    }.count
    #expect(found > 40)
  }
}
