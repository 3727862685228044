import SegCore
import SegLosses
import Testing

@Suite struct CrossEntropyTests {
  // torch.nn.functional.cross_entropy in float64 on the fixture, `weight` as given, ignore_index=255.
  @Test(
    arguments: [
      (nil, LossFixture.labelsA, 1.2175870956), (nil, LossFixture.labelsB, 1.3755038679),
      (LossFixture.classWeights, LossFixture.labelsA, 1.1164512250),
      (LossFixture.classWeights, LossFixture.labelsB, 1.2077495464),
    ] as [([Float]?, [UInt8], Double)])
  func followsTorch(_ weights: [Float]?, _ labels: [UInt8], _ expected: Double) throws {
    let result = try LossFixture.evaluate(
      CrossEntropy(), LossFixture.context(weights: weights), labels: labels)
    #expect(abs(result.value - expected) < 1e-6)
  }

  @Test func ignoredPixelsHaveNoGradient() throws {
    let result = try LossFixture.evaluate(
      CrossEntropy(), LossFixture.context(weights: LossFixture.classWeights),
      labels: LossFixture.labelsB)
    #expect(result.gradient[1] == [0, 0, 0])
    for pixel in result.gradient { #expect(abs(pixel.reduce(0, +)) < 1e-7) }
  }

  @Test func nothingButIgnoredPixelsIsZero() throws {
    let result = try LossFixture.evaluate(
      CrossEntropy(), LossFixture.context(), labels: [UInt8](repeating: 255, count: 8))
    #expect(result.value == 0)
    #expect(result.gradient.allSatisfy { $0 == [0, 0, 0] })
  }
}
