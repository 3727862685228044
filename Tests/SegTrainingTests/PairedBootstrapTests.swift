import SegCore
import SegMetrics
import SegTestSupport
import SegTraining
import Testing

@Suite struct PairedBootstrapTests {
  /// Random confusion matrices of a few pictures: the same true pixels for every run, as in a study.
  private static func matrices(run: Int, images: Int, classes: Int = 3) -> [ConfusionMatrix] {
    (0..<images).map { image in
      var truth = CounterRNG(seed: 1, stream: UInt64(image))
      var rng = CounterRNG(seed: UInt64(run), stream: UInt64(image), step: 1)
      return ConfusionMatrix(
        rows: (0..<classes).map { index in
          // The last class is in every third picture alone.
          var rest = index == classes - 1 && image % 3 != 0 ? 0 : 5 + truth.integer(in: 0..<40)
          var row = [Int64](repeating: 0, count: classes)
          for column in row.indices where column != index {
            let part = rng.integer(in: 0..<rest / 2 + 1)
            row[column] = Int64(part)
            rest -= part
          }
          row[index] = Int64(rest)
          return row
        })
    }
  }

  private static func counts(_ matrices: [ConfusionMatrix]) -> StudyCounts {
    var counts = StudyCounts(classes: (0..<(matrices.first?.classes ?? 0)).map { "class \($0)" })
    for (index, matrix) in matrices.enumerated() { counts.add("\(index).png", matrix) }
    return counts
  }

  /// The score from whole matrices, by the evaluation's own code.
  private static func score(
    _ score: StudyScore, _ matrices: [ConfusionMatrix], _ times: [Int64]
  ) -> Double {
    var sum = ConfusionMatrix(classes: matrices[0].classes)
    for (matrix, count) in zip(matrices, times) {
      for _ in 0..<count { sum.merge(matrix) }
    }
    let scores = sum.scores()
    let value =
      switch score {
      case .pixelAccuracy: scores.pixelAccuracy
      case .meanAccuracy: scores.meanAccuracy
      case .meanIoU: scores.meanIoU
      default: Double?.none
      }
    return value ?? .nan
  }

  /// Runs 0 and 1 are a loss with two seeds, runs 2 and 3 the baseline.
  @Test(arguments: StudyScore.counted)
  func equalsMatricesAddedUp(score: StudyScore) throws {
    let images = 7
    let runs = (0..<4).map { Self.matrices(run: $0, images: images) }
    let config = BootstrapConfig(resamples: 200, confidence: 0.9, seed: 4)
    let bootstrap = PairedBootstrap(runs.map(Self.counts), config)
    let pairs = [(run: 0, baseline: 2), (run: 1, baseline: 3)]
    let found = try #require(bootstrap.difference(score, pairs))

    let once = [Int64](repeating: 1, count: images)
    func difference(_ pair: (run: Int, baseline: Int), _ times: [Int64]) -> Double {
      Self.score(score, runs[pair.run], times) - Self.score(score, runs[pair.baseline], times)
    }
    for (value, pair) in zip(found.spread.values, pairs) {
      #expect(abs((value ?? .nan) - difference(pair, once)) < 1e-12)
    }
    let drawn = (0..<200).map { resample in
      let times = PairedBootstrap.draw(images, resample, seed: 4)
      return (difference(pairs[0], times) + difference(pairs[1], times)) / 2
    }.sorted()
    // Place 0.05 · 199 = 9.95 from the bottom, and as far from the top.
    #expect(abs((found.low ?? .nan) - (drawn[9] + 0.95 * (drawn[10] - drawn[9]))) < 1e-12)
    #expect(abs((found.high ?? .nan) - (drawn[189] + 0.05 * (drawn[190] - drawn[189]))) < 1e-12)
  }

  @Test("A draw takes as many pictures as there are, and is a function of seed and number")
  func draws() {
    var counts = [Int64](repeating: 0, count: 10)
    for resample in 0..<1000 {
      let times = PairedBootstrap.draw(10, resample, seed: 1)
      #expect(times.reduce(0, +) == 10)
      #expect(times == PairedBootstrap.draw(10, resample, seed: 1))
      for index in counts.indices { counts[index] += times[index] }
    }
    // Binomial: 1000 expected, standard deviation 30.
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 }, "\(counts)")
    #expect(PairedBootstrap.draw(10, 0, seed: 1) != PairedBootstrap.draw(10, 0, seed: 2))
  }

  @Test("A run against itself differs by nothing, in every resample")
  func same() throws {
    let counts = Self.counts(Self.matrices(run: 0, images: 5))
    let found = try #require(
      PairedBootstrap([counts, counts], BootstrapConfig(resamples: 100)).difference(
        .meanIoU, [(run: 0, baseline: 1)]))
    #expect(found.spread.values == [0] && found.low == 0 && found.high == 0)
    #expect(found.spread.deviation == nil, "a single pair has no deviation")
  }

  @Test func quantiles() {
    #expect(PairedBootstrap.quantile(0.5, of: [1, 2, 3, 5]) == 2.5)
    #expect(PairedBootstrap.quantile(0, of: [1, 2]) == 1)
    #expect(PairedBootstrap.quantile(1, of: [1, 2]) == 2)
    #expect(PairedBootstrap.quantile(0.3, of: [7]) == 7)
    #expect(PairedBootstrap.quantile(0.3, of: []) == nil)
  }

  @Test func spreads() {
    let three = Spread(values: [1, 2, 6])
    #expect(three.mean == 3 && three.deviation == 7.0.squareRoot())
    #expect(Spread(values: [4]).deviation == nil)
    // Undefined in one run is undefined: the mean of the others is of another thing.
    #expect(Spread(values: [1, nil]).mean == nil && Spread(values: []).mean == nil)
  }

  @Test("Counts come back from their file as they were")
  func file() throws {
    let folder = try TemporaryFolder()
    let counts = Self.counts(Self.matrices(run: 0, images: 4))
    try AtomicFile.write(counts.json.compact, to: folder["a.json"])
    #expect(try StudyCounts(path: folder["a.json"]) == counts)
    for text in ["{}", #"{"classes": ["a"], "images": [["x", 1, 2]]}"#, "[", "[1]"] {
      try AtomicFile.write(text, to: folder["b.json"])
      let found = failure { () throws(Failure) in _ = try StudyCounts(path: folder["b.json"]) }
      #expect(found.status == .badData, "\(text)")
    }
  }
}
