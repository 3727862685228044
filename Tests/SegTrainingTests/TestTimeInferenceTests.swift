import SegCore
import SegData
import SegEngine
import SegTestSupport
import SegTraining
import Testing

/// Averages of windows and views of a small network.
@Suite(.serialized) struct TestTimeInferenceTests {
  static let size = PixelSize(height: 40, width: 70)

  static let picture = Raster(
    height: size.height, width: size.width, channels: 3,
    pixels: (0..<size.height * size.width * 3).map { (i: Int) -> UInt8 in
      UInt8(truncatingIfNeeded: i * 37 + i / 210 * 11)
    })

  /// `[height, width, classes]`
  static func probabilities(
    _ config: TestTimeConfig, of picture: Raster = picture, threads: Int = 2
  ) throws -> [Float] {
    let run = try SmallTraining()
    let inference = TestTimeInference(
      config: config, classes: GoldenFormula.classes,
      normalization: try Normalization(mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]),
      runner: InferenceRunner(run.network, pool: ThreadPool(threads: threads)))
    var found: [Float] = []
    var next = 0
    try inference.run(picture) { rows in
      #expect(rows.first == next && rows.count > 0)
      next += rows.count
      found += rows.probabilities
    }
    #expect(next == picture.height)
    return found
  }

  static let configs: [TestTimeConfig] = [
    TestTimeConfig(), TestTimeConfig(flip: true), TestTimeConfig(scales: [0.5, 1, 1.5]),
    TestTimeConfig(window: PixelSize(height: 24, width: 33), overlap: 0.5),
    TestTimeConfig(
      scales: [0.75, 1], flip: true, window: PixelSize(height: 33, width: 33), overlap: 0.25),
  ]

  @Test(arguments: configs)
  func areProbabilities(_ config: TestTimeConfig) throws {
    let found = try Self.probabilities(config)
    let classes = GoldenFormula.classes
    #expect(found.count == Self.size.height * Self.size.width * classes)
    for pixel in 0..<Self.size.height * Self.size.width {
      let sum = found[pixel * classes..<(pixel + 1) * classes].reduce(0, +)
      #expect(abs(sum - 1) < 1e-5)
    }
    for threads in [1, 3, 5] {
      #expect(try Self.probabilities(config, threads: threads) == found)
    }
  }

  /// A window as large as the picture, or larger, is the picture.
  @Test func oneWindowIsThePicture() throws {
    let whole = try Self.probabilities(TestTimeConfig())
    for side in [70, 300] {
      let window = TestTimeConfig(window: PixelSize(height: side, width: side))
      #expect(try Self.probabilities(window) == whole)
    }
  }

  /// Averaged with its mirror, a network treats both sides alike.
  @Test func mirroredPictureGivesTheMirroredAnswer() throws {
    let config = TestTimeConfig(flip: true)
    let found = try Self.probabilities(config)
    let other = try Self.probabilities(config, of: Self.picture.mirrored())
    let (width, classes) = (Self.size.width, GoldenFormula.classes)
    for pixel in 0..<Self.size.height * width {
      let twin = pixel / width * width + width - 1 - pixel % width
      for c in 0..<classes {
        #expect(abs(found[pixel * classes + c] - other[twin * classes + c]) < 1e-6)
      }
    }
  }

  /// In the middle of a window, far from its neighbours, a window says what it says alone.
  @Test func windowsAreAveragedWhereTheyOverlap() throws {
    let config = TestTimeConfig(window: PixelSize(height: 40, width: 40), overlap: 0)
    let found = try Self.probabilities(config)
    // Two windows of 40 columns cover 70: 0 to 39 and 30 to 69.
    let parts = try [0, 30].map { left in
      try Self.probabilities(
        TestTimeConfig(),
        of: Self.picture.cropped(top: 0, left: left, to: PixelSize(height: 40, width: 40)))
    }
    let classes = GoldenFormula.classes
    func difference(_ x: Int, _ expected: (Int, Int) -> Float) -> Float {
      (0..<40).flatMap { y in
        (0..<classes).map { abs(found[(y * 70 + x) * classes + $0] - expected(y, $0)) }
      }.max() ?? 0
    }
    func part(_ index: Int, _ y: Int, _ x: Int, _ c: Int) -> Float {
      parts[index][(y * 40 + x) * classes + c]
    }
    #expect(difference(10) { part(0, $0, 10, $1) } < 1e-6)
    #expect(difference(60) { part(1, $0, 30, $1) } < 1e-6)
    // Column 32 is 8 from the left window's end and 3 from the right one's start.
    #expect(difference(32) { (8 * part(0, $0, 32, $1) + 3 * part(1, $0, 2, $1)) / 11 } < 1e-6)
  }
}

@Suite struct ProbabilityMapTests {
  @Test func decidesTheLowestOfEquals() {
    var values: [Float] = [0.4, 0.4, 0.2, 0.1, 0.2, 0.7]
    var map = ProbabilityMap(size: PixelSize(height: 1, width: 2), classes: 3)
    values.withUnsafeMutableBufferPointer {
      map.decide(TestTimeInference.Rows(first: 0, count: 1, probabilities: $0))
    }
    #expect(map.labels == [0, 2] && map.confidence == [0.4, 0.7] && map.broken == 0)
  }

  /// Twice the width: centres at a quarter and three quarters between the two pixels.
  @Test func resizesBetweenPixelCentres() {
    let values: [Float] = [1, 0, 0, 1]
    var map = ProbabilityMap(size: PixelSize(height: 1, width: 4), classes: 2)
    values.withUnsafeBufferPointer { map.decide($0, of: PixelSize(height: 1, width: 2)) }
    #expect(map.labels == [0, 0, 1, 1])
    #expect(map.confidence == [1, 0.75, 0.75, 1])
  }

  @Test func countsWhatIsNotFinite() {
    var values: [Float] = [.nan, 1, 0.5, 0.5]
    var map = ProbabilityMap(size: PixelSize(height: 2, width: 1), classes: 2)
    values.withUnsafeMutableBufferPointer {
      map.decide(TestTimeInference.Rows(first: 0, count: 2, probabilities: $0))
    }
    #expect(map.broken == 1)
  }
}
