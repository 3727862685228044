import SegCore
import SegEngine
import SegTestSupport
import Testing

/// What the fused losses promise beyond `OpCheck`: equality with the operations they stand for, the same bits
/// everywhere, and sense where the numbers make none.
@Suite struct ResizedLossTests {
  typealias Normalization = PixelCrossEntropy.Normalization

  static let runs: [ResizedLossRun] = [
    .random([2, 6, 12, 11], 96, 192), .random([1, 12, 24, 19], 96, 192),
    .random([2, 24, 20, 21], 96, 80), .random([1, 30, 41, 5], 60, 82),
    .random([3, 17, 19, 8], 17, 19), .random([1, 13, 21, 19], 41, 57, corners: true),
    .random([2, 31, 23, 34], 19, 60),
  ]

  @Test(arguments: runs.indices, Normalization.allCases)
  func equalsTheSeparateOperations(_ index: Int, _ normalization: Normalization) throws {
    var run = Self.runs[index]
    run.normalization = normalization
    let (separate, fused) = (try run.run(.separate), try run.run(.fused))
    #expect(abs(fused.normaliser - separate.normaliser) <= 1e-12 * separate.normaliser)
    #expect(abs(fused.loss - separate.loss) <= 1e-6 * separate.loss)
    let largest = separate.gradient.map(abs).max() ?? 0
    for (found, expected) in zip(fused.gradient, separate.gradient) {
      #expect(abs(found - expected) <= 2e-6 * largest)
    }
  }

  @Test(arguments: runs.indices) func sameBitsEverywhere(_ index: Int) throws {
    for weighted in [true, false] {
      var run = Self.runs[index]
      if !weighted { run.weights = nil }
      let expected = try run.run(.fused, threads: 1, variant: .generic).bits
      for variant in VectorVariant.supported {
        for threads in [1, 2, 3, 5] {
          let found = try run.run(.fused, threads: threads, variant: variant).bits
          #expect(found == expected, "\(variant), \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: [RecallWeights.Variant.paper, .recallCode])
  func recallLossEqualsTheSeparateOperations(_ variant: RecallWeights.Variant) throws {
    for var run in Self.runs {
      run.weights = nil
      run.recall = variant
      run.normalization = variant == .paper ? .validPixels : .allPixels
      let (separate, fused) = (try run.run(.separate), try run.run(.fused))
      #expect(fused.weights == separate.weights)
      #expect(abs(fused.loss - separate.loss) <= 1e-6 * separate.loss)
      let largest = separate.gradient.map(abs).max() ?? 0
      for (found, expected) in zip(fused.gradient, separate.gradient) {
        #expect(abs(found - expected) <= 2e-6 * largest)
      }
    }
  }

  @Test(arguments: Normalization.allCases)
  func nothingToLearnFromIgnoredPixels(_ normalization: Normalization) throws {
    // Not even when the network says nonsense there.
    let nonsense: [Float] = [.nan, .infinity, -.infinity, 1, 2]
    let result = try ResizedLossRun(
      shape: [1, 3, 7, 5], height: 12, width: 28, normalization: normalization,
      weights: [1, 1, 1, 1, 1], logits: (0..<105).map { nonsense[$0 % 5] },
      labels: [UInt8](repeating: 255, count: 336)
    ).run(.fused)
    #expect(result.loss == 0)
    #expect(result.normaliser == (normalization == .allPixels ? 336 : 0))
    #expect(result.gradient.allSatisfy { $0 == 0 })
  }

  @Test func weightsOfZeroGiveZero() throws {
    var run = Self.runs[0]
    run.weights = [Float](repeating: 0, count: 11)
    run.normalization = .sumOfWeights
    let result = try run.run(.fused)
    #expect(result.loss == 0)
    #expect(result.gradient.allSatisfy { $0 == 0 })
  }

  @Test func extremeLogitsStayFinite() throws {
    // The largest logit is the true class's in even rows, the other's in odd ones.
    let result = try ResizedLossRun(
      shape: [1, 1, 1, 2], height: 4, width: 8, weights: [1, 1], logits: [1e4, -1e4],
      labels: (0..<32).map { UInt8($0 / 8 % 2) }
    ).run(.fused)
    #expect(result.loss == 1e4)
    #expect(result.gradient == [0.25, -0.25])
  }

  @Test func divergenceShowsAndStaysLocal() throws {
    var run = ResizedLossRun.random([1, 6, 6, 5], 24, 24)
    run.labels = [UInt8](repeating: 1, count: 576)
    run.logits[(2 * 6 + 3) * 5 + 4] = .nan
    let result = try run.run(.fused)
    #expect(result.loss.isNaN)
    for (index, value) in result.gradient.enumerated() {
      let (row, column) = (index / 30, index / 5 % 6)
      // A block of 16 columns shares its sources, so that NaN reaches further along a row.
      if abs(row - 2) > 1 { #expect(!value.isNaN, "row \(row), column \(column)") }
    }
    #expect(result.gradient[(2 * 6 + 3) * 5 + 4].isNaN)
  }
}
