import SegCore
import SegTestSupport
import Testing

/// The weights and pictures that goldens are computed from must be the same bits on both sides.
@Suite struct GoldenFormulaTests {
  let golden: FormulaGolden

  init() throws { golden = try GoldenFile.load("formula") }

  @Test func randomNumbers() {
    let random = golden.random
    let stream = CounterRNG.stream(random.stream)
    #expect(stream == UInt64(random.streamNumber, radix: 16))
    var rng = CounterRNG(seed: GoldenFormula.seed, stream: stream, step: UInt64(random.step))
    for expected in random.next { #expect(rng.next() == UInt64(expected, radix: 16)) }
    var integers = CounterRNG(
      seed: GoldenFormula.seed, stream: CounterRNG.stream("a"), step: UInt64(random.step))
    for expected in random.integersBelow1000 { #expect(integers.integer(in: 0..<1000) == expected) }
  }

  @Test func sampling() {
    let sampling = golden.sampling
    let values = (0..<sampling.count).map { Float($0) / 7 }
    #expect(
      GoldenFormula.samplePositions(
        sampling.name, count: sampling.count, samples: sampling.positions.count)
        == sampling.positions)
    #expect(GoldenFormula.samplePositions("few", count: 5, samples: 16) == [0, 1, 2, 3, 4])
    #expect(GoldenFormula.checksum(values) == sampling.checksum)
    let sum = values.reduce(0) { $0 + Double($1) }
    let projections = GoldenFormula.projections(sampling.name, values)
    for (value, expected) in zip(projections, sampling.projections) {
      // Only the order of a sum of doubles may differ.
      #expect(abs(value - expected) <= Double(values.count) * 0x1p-53 * sum)
    }
  }

  @Test func weightsOfEveryNetwork() {
    let formula = GoldenFormula()
    for network in golden.weights {
      for entry in network.entries {
        let values = formula.parameter(entry.name, Shape(entry.shape))
        for (value, expected) in zip(values, entry.first) {
          #expect(value == Float(expected), "\(entry.name)")
        }
        #expect(GoldenFormula.checksum(values) == entry.checksum, "\(entry.name)")
      }
    }
  }

  @Test func runningStatistics() {
    let entries = golden.fixedStatistics
    let scales = entries.map {
      GoldenFormula.StatisticScales(
        name: String($0.name.split(separator: ".").dropLast().joined(separator: ".")),
        meanScale: $0.meanScale, varianceScale: $0.varianceScale)
    }
    let fixed = GoldenFormula(fixedStatistics: scales)
    for entry in entries {
      #expect(GoldenFormula.checksum(fixed.parameter(entry.name, [64])) == entry.checksum)
    }
    let plain = GoldenFormula()
    #expect(plain.parameter("backbone.bn1.running_mean", [2]) == [0, 0])
    #expect(plain.parameter("backbone.bn1.running_var", [2]) == [1, 1])
    #expect(plain.parameter("backbone.bn1.num_batches_tracked", []) == [0])
  }

  @Test func batchNormBias() {
    for entry in golden.batchNormBias {
      let formula = GoldenFormula(batchNormBias: entry.offset)
      #expect(
        GoldenFormula.checksum(formula.parameter(entry.name, Shape(entry.shape))) == entry.checksum,
        "\(entry.name)")
    }
  }

  @Test func scenes() {
    for expected in golden.scenes {
      let scene = GoldenScene(expected.number, height: expected.height, width: expected.width)
      let positions = GoldenFormula.samplePositions(
        "scene.\(expected.number)", count: scene.image.count, samples: expected.image.count)
      for (position, value) in zip(positions, expected.image) {
        #expect(scene.image[position] == Float(value), "scene \(expected.number) at \(position)")
      }
      #expect(GoldenFormula.checksum(scene.image) == expected.imageChecksum)
      #expect(GoldenFormula.checksum(scene.label) == expected.labelChecksum)
      var counts = [Int](repeating: 0, count: 256)
      for label in scene.label { counts[Int(label)] += 1 }
      #expect(Array(counts[..<GoldenFormula.classes]) == expected.classPixels)
      #expect(counts[GoldenFormula.ignoreIndex] == expected.ignored)
    }
  }

  @Test func layouts() {
    let batch = GoldenBatch(first: 3, count: 2, height: 5, width: 7, ignoring: [0, 36])
    #expect(batch.labels[0] == 255 && batch.labels[36] == 255)
    #expect(batch.imagesChannelsLast[1 * 105 + (2 * 7 + 4) * 3 + 1] == batch.images[105 + 35 + 18])
    #expect(
      GoldenLayout.channelsFirst(batch.imagesChannelsLast, 2, channels: 3, pixels: 35)
        == batch.images)
  }
}

/// `Tests/Golden/formula.json`.
struct FormulaGolden: Decodable {
  struct Random: Decodable {
    var stream: String
    var step: Int
    var streamNumber: String
    var next: [String]
    var integersBelow1000: [Int]

    enum CodingKeys: String, CodingKey {
      case stream, step, next
      case streamNumber = "stream_number"
      case integersBelow1000 = "integers_below_1000"
    }
  }

  struct Sampling: Decodable {
    var name: String
    var count: Int
    var positions: [Int]
    var projections: [Double]
    var checksum: String
  }

  struct FixedStatistic: Decodable {
    var name: String
    var meanScale: Double
    var varianceScale: Double
    var checksum: String

    enum CodingKeys: String, CodingKey {
      case name, checksum
      case meanScale = "mean_scale"
      case varianceScale = "var_scale"
    }
  }

  struct Bias: Decodable {
    var name: String
    var shape: [Int]
    var offset: Double
    var checksum: String
  }

  struct Network: Decodable {
    struct Entry: Decodable {
      var name: String
      var shape: [Int]
      var first: [Double]
      var checksum: String
    }

    var entries: [Entry]
  }

  struct Scene: Decodable {
    var number: Int
    var height: Int
    var width: Int
    var image: [Double]
    var imageChecksum: String
    var labelChecksum: String
    var classPixels: [Int]
    var ignored: Int

    enum CodingKeys: String, CodingKey {
      case number, height, width, image, ignored
      case imageChecksum = "image_checksum"
      case labelChecksum = "label_checksum"
      case classPixels = "class_pixels"
    }
  }

  var random: Random
  var sampling: Sampling
  var fixedStatistics: [FixedStatistic]
  var batchNormBias: [Bias]
  var weights: [Network]
  var scenes: [Scene]

  enum CodingKeys: String, CodingKey {
    case random, sampling, weights, scenes
    case fixedStatistics = "fixed_statistics"
    case batchNormBias = "batch_norm_bias"
  }
}
