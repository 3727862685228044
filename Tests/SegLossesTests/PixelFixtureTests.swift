import SegCore
import SegLosses
import Testing

/// Losses of the published fixture (`LossSample.fixture`), from PyTorch runs of the repositories' classes or float64
/// re-computations of the equations: through the engine in single precision, and by the definitions that the other
/// tests compare with.
@Suite struct PixelFixtureTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var loss: any SegmentationLoss
    var labels: [UInt8]
    var expected: Double
    var weights: [Double]?
    /// The property case with the same options.
    var definition: String?

    init(
      _ name: String, _ loss: any SegmentationLoss, _ labels: [UInt8], _ expected: Double,
      weights: [Double]? = nil, as definition: String? = nil
    ) {
      testDescription = "\(name) \(labels == LossFixture.labelsA ? "A" : "B")"
      self.loss = loss
      self.labels = labels
      self.expected = expected
      self.weights = weights
      self.definition = definition
    }
  }

  private static let (a, b) = (LossFixture.labelsA, LossFixture.labelsB)

  static let rows: [Row] = [
    Row("CE", CrossEntropy(), a, 1.2175870956, as: "cross_entropy"),
    Row("CE", CrossEntropy(), b, 1.3755038679, as: "cross_entropy"),
    Row(
      "weighted CE", CrossEntropy(), a, 1.1164512250, weights: [0.5, 1, 1.5],
      as: "cross_entropy weighted"),
    Row(
      "weighted CE", CrossEntropy(), b, 1.2077495464, weights: [0.5, 1, 1.5],
      as: "cross_entropy weighted"),
    Row(
      "recall, floor 1, all", RecallLoss(variant: .recallCode), a, 0.6915515571,
      as: "recall recall_code"),
    Row(
      "recall, floor 1, all", RecallLoss(variant: .recallCode), b, 0.7967873202,
      as: "recall recall_code"),
    Row(
      "recall, floor 1, valid", RecallLoss(variant: .recallCode, reduction: .valid), a,
      0.6915515571, as: "recall recall_code over valid"),
    Row(
      "recall, floor 1, valid", RecallLoss(variant: .recallCode, reduction: .valid), b,
      0.9106140802, as: "recall recall_code over valid"),
    Row(
      "recall, floor 1, weights", RecallLoss(variant: .recallCode, reduction: .weights), a,
      1.1064824913, as: "recall recall_code by weights"),
    Row(
      "recall, floor 1, weights", RecallLoss(variant: .recallCode, reduction: .weights), b,
      1.2748597123, as: "recall recall_code by weights"),
    Row(
      "recall, exact, all", RecallLoss(reduction: .all), a, 0.6803711006,
      as: "recall paper over all"),
    Row(
      "recall, exact, all", RecallLoss(reduction: .all), b, 0.7856068637,
      as: "recall paper over all"),
    Row("recall, exact, valid", RecallLoss(), a, 0.6803711006, as: "recall paper"),
    Row("recall, exact, valid", RecallLoss(), b, 0.8978364156, as: "recall paper"),
    Row(
      "recall, exact, weights", RecallLoss(reduction: .weights), a, 1.3607422011,
      as: "recall paper by weights"),
    Row(
      "recall, exact, weights", RecallLoss(reduction: .weights), b, 1.5712137273,
      as: "recall paper by weights"),
    Row(
      "focal 2, all", FocalLoss(variant: .schedulingCode), a, 0.9201823984,
      as: "focal scheduling_code"),
    Row(
      "focal 2, all", FocalLoss(variant: .schedulingCode), b, 0.9200245365,
      as: "focal scheduling_code"),
    Row("focal 2, valid", FocalLoss(), a, 0.9201823984, as: "focal paper"),
    Row("focal 2, valid", FocalLoss(), b, 1.0514566132, as: "focal paper"),
    Row("focal 1", FocalLoss(gamma: 1), a, 1.0285829805),
    Row(
      "focal of the mean, 1", FocalLoss(variant: .recallCode), a, 0.8572502439,
      as: "focal recall_code"),
    Row("focal of the mean, 2", FocalLoss(variant: .recallCode, gamma: 2), a, 0.6035527013),
    Row("OHEM, top 70 %", OHEMLoss(), a, 1.8898452882, as: "ohem paper"),
    Row("OHEM, top 70 %", OHEMLoss(), b, 2.2457477431, as: "ohem paper"),
    Row("OHEM, rows", OHEMLoss(variant: .recallCode), a, 2.2457477431, as: "ohem recall_code"),
    Row(
      "max-pooling 1.3, 0.25", LossMaxPooling(ratio: 0.25), a, 2.3693868755,
      as: "loss_max_pooling paper m/n 0.25"),
    Row("max-pooling 1.7, 0.25", LossMaxPooling(p: 1.7, ratio: 0.25), a, 1.9193218420),
    Row("max-pooling 1.3, 0.1", LossMaxPooling(), a, 2.3855785042, as: "loss_max_pooling paper"),
    Row(
      "gradient-rescaled 0.1", LossMaxPooling(variant: .schedulingCode), a, 2.0055344995,
      as: "loss_max_pooling scheduling_code"),
    Row(
      "gradient-rescaled 0.1", LossMaxPooling(variant: .schedulingCode), b, 2.0055340573,
      as: "loss_max_pooling scheduling_code"),
    Row(
      "gradient-rescaled 0.25", LossMaxPooling(variant: .schedulingCode, ratio: 0.25), a,
      1.4951932697),
    Row(
      "gradient-rescaled 0.25", LossMaxPooling(variant: .schedulingCode, ratio: 0.25), b,
      1.4951898897),
  ]

  @Test(arguments: rows) func engineAgrees(_ row: Row) throws {
    let weights = row.weights?.map { Float($0) }
    let found = try LossFixture.evaluate(
      row.loss, LossFixture.context(weights: weights), labels: row.labels)
    #expect(abs(found.value - row.expected) <= 1e-6 * row.expected, "\(found.value)")
  }

  /// The published numbers have ten digits after the point.
  @Test(arguments: rows.filter { $0.definition != nil })
  func definitionAgrees(_ row: Row) throws {
    let named = try #require(lossCases.first { $0.name == row.definition })
    #expect(named.loss.isEqual(to: row.loss))
    let sample = LossSample.fixture(row.labels)
    #expect(abs(named.definition(sample, sample) - row.expected) <= 1e-10)
  }

  @Test func maxPoolingOfTheFixture() {
    let sample = LossSample.fixture(LossFixture.labelsA)
    let losses = sample.valid.map { sample.crossEntropy($0) }
    for (found, expected) in zip(
      losses,
      [
        1.5270962022, 0.1121696898, 3.0115951626, 0.0894436522, 3.4726660205, 0.4662354687,
        0.0898569818, 0.9716335870,
      ])
    {
      #expect(abs(found - expected) <= 1e-10)
    }
    let pooling = MaxPooling(losses, p: 1.3, ratio: 0.25)
    #expect(abs(pooling.alpha - 3.0526702218) <= 1e-10)
    #expect(abs(pooling.tau - 0.3631057140) <= 1e-10)
    #expect(pooling.saturated == 1)
    #expect(MaxPooling(losses, p: 1.3, ratio: 0.1).saturated == 0)
    #expect(abs(MaxPooling(losses, p: 1.7, ratio: 0.25).alpha - 3.3206975273) <= 1e-10)
  }

  /// Gradient of the published code's recall loss: pixel 0, and the sum of squares.
  @Test func recallGradient() throws {
    let expected = [-0.0587125982, 0.0555868327, 0.0031257655]
    let engine = try LossFixture.evaluate(
      RecallLoss(variant: .recallCode), LossFixture.context(), labels: Self.a
    ).gradient
    let named = try #require(lossCases.first { $0.name == "recall recall_code" })
    let definition = slopes(named, LossSample.fixture(Self.a))
    for channel in 0..<3 {
      #expect(abs(engine[0][channel] - expected[channel]) <= 1e-6 * abs(expected[channel]))
      #expect(abs(definition[channel] - expected[channel]) <= 1e-10)
    }
    for (gradient, tolerance) in [
      (engine.flatMap { $0 }, 1e-6 * 0.0254535687), (definition, 1e-10),
    ] {
      let squares = gradient.map { $0 * $0 }.reduce(0, +)
      #expect(abs(squares - 0.0254535687) <= tolerance)
    }
  }

  /// Fourth-order central differences.
  private func slopes(_ loss: LossCase, _ sample: LossSample) -> [Double] {
    sample.logits.indices.map { index in
      func value(_ step: Double) -> Double {
        var moved = sample
        moved.logits[index] += step
        return loss.definition(moved, sample)
      }
      let step = 1e-3
      return (8 * (value(step) - value(-step)) - (value(2 * step) - value(-2 * step))) / (12 * step)
    }
  }
}
