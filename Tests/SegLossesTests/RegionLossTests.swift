import SegCore
import SegEngine
import SegLosses
import Testing

/// Overlap losses and Lovász-softmax on the published fixture: float64 recomputations of the papers' equations and of
/// the repositories' code, to the digits printed.
@Suite struct RegionLossTests {
  struct Number: Sendable, CustomTestStringConvertible {
    var loss: String
    var labels: [UInt8]
    var expected: Double
    var testDescription: String { "\(loss), labels \(labels)" }

    init(_ loss: String, _ labels: [UInt8], _ expected: Double) {
      (self.loss, self.labels, self.expected) = (loss, labels, expected)
    }

    func find() throws -> LossCase { try #require(lossCases.first { $0.name == loss }) }
  }

  static let (a, b) = (LossFixture.labelsA, LossFixture.labelsB)

  static let numbers = [
    Number("dice scheduling_code", a, 0.1993929345),
    Number("dice scheduling_code", b, 0.2288664376),
    Number("dice scheduling_code, weighted", a, 0.1663839849),
    Number("dice scheduling_code, weighted", b, 0.1772353564),
    Number("soft_iou recall_code", a, -0.3082984013),
    Number("soft_iou recall_code", b, -0.2516441087),
    Number("lovasz_softmax", a, 0.5664075985),
    Number("lovasz_softmax", b, 0.5967482173),
    Number("lovasz_softmax recall_code", a, 0.5531648504),
    Number("lovasz_softmax recall_code", b, 0.5964110008),
    Number("generalized_dice square", a, 0.5623734471),
    Number("generalized_dice simple", a, 0.5353920792),
    Number("generalized_dice uniform", a, 0.4976158441),
    Number("tversky per_image", a, 0.4967974170),
    Number("tversky", a, 0.4939148488),
    Number("tversky", b, 0.5266352640),
    Number("tversky 0.5/0.5", a, 0.5177465949),
  ]

  @Test(arguments: numbers) func definitionGivesTheNumber(_ number: Number) throws {
    let sample = LossSample.fixture(number.labels)
    let found = try number.find().definition(sample, sample)
    #expect(abs(found - number.expected) <= 1e-10)
  }

  @Test(arguments: numbers) func engineGivesTheNumber(_ number: Number) throws {
    let found = try LossRun(number.find(), .fixture(number.labels)).value
    #expect(abs(found - number.expected) <= 1e-6 * abs(number.expected))
  }

  @Test func gradientOfTheSchedulingCode() throws {
    let number = Number("dice scheduling_code", Self.b, 0)
    let gradient = try LossRun(number.find(), .fixture(Self.b)).gradient
    for (found, expected) in zip(gradient, [-0.0390578443, 0.0404192924, -0.0013614481, 0, 0, 0]) {
      #expect(abs(found - expected) <= 1e-6 * 0.0404192924)
    }
    let squares = gradient.map { $0 * $0 }.reduce(0, +)
    #expect(abs(squares - 0.0073131473) <= 1e-6 * 0.0073131473)
  }

  @Test(arguments: [("cross_entropy", 0.8021851527), ("cross_entropy weighted", 0.7183079920)])
  func halfDiceAndHalfCrossEntropy(_ other: String, _ expected: Double) throws {
    let values = try ["dice scheduling_code", other].map { name in
      try LossRun(Number(name, Self.b, 0).find(), .fixture(Self.b)).value
    }
    #expect(abs((values[0] + values[1]) / 2 - expected) <= 1e-6 * expected)
  }

  /// Every pixel right: nothing is lost, except that the scheduling code ends below 0.
  @Test(
    arguments: [
      // Eight pixels an image: 1 - 2·(8 + 1) / (8 + 8 + 1 + 1e-5).
      ("dice", 0), ("dice scheduling_code", -0.99999 / 17.00001), ("generalized_dice square", 0),
      ("soft_iou", 0), ("soft_iou recall_code", -1), ("tversky", 0), ("lovasz_softmax", 0),
    ] as [(String, Double)])
  func rightEverywhere(_ name: String, _ expected: Double) throws {
    var sample = LossSample.fixture([0, 0, 1, 2, 0, 1, 2, 0, 2, 1, 0, 0, 1, 2, 0, 0])
    sample.height = 4
    sample.logits = sample.labels.flatMap { label in (0..<3).map { $0 == label ? 100.0 : 0 } }
    let run = try LossRun(Number(name, [], 0).find(), sample)
    #expect(abs(run.value - expected) <= 1e-6)
  }
}
