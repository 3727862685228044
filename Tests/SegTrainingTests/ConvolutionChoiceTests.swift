import SegCore
import SegEngine
import SegModels
import SegNN
import SegTraining
import Testing

/// Which algorithm the cost model gives the layers of DeepLabV3-ResNet18: a constant that moves one is noticed here.
@Suite struct ConvolutionChoiceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var outputStride, batch, height, width: Int
    /// Layers cut to the lengths of their sub-grids; other 3x3 layers of stride 1 are plain Winograd, strided ones strips,
    /// and the stem Winograd on phases.
    var exact: Set<String>

    var testDescription: String {
      "\(batch) of \(height)x\(width), output stride \(outputStride)"
    }
  }

  /// Atrous layers of the pyramid, by rate: 6, 12, 18 or twice that.
  private static let pyramid = (1...3).map { "classifier.0.convs.\($0).0" }
  private static let wide: Set = [pyramid[1], pyramid[2]]

  static let cases = [
    Case(outputStride: 16, batch: 4, height: 384, width: 768, exact: wide),
    Case(outputStride: 16, batch: 1, height: 384, width: 768, exact: wide),
    Case(outputStride: 8, batch: 4, height: 384, width: 768, exact: wide),
    Case(outputStride: 8, batch: 1, height: 384, width: 768, exact: wide),
    Case(outputStride: 16, batch: 4, height: 240, width: 320, exact: Set(pyramid)),
    Case(outputStride: 16, batch: 1, height: 240, width: 320, exact: wide),
  ]

  @Test(arguments: cases) func isTheFastest(_ testCase: Case) throws {
    let network = Network(
      ModelOptions(
        architecture: .deepLabV3, classes: 11, outputStride: testCase.outputStride))
    let key = InferencePlan.Key(
      batch: testCase.batch, height: testCase.height, width: testCase.width,
      outputHeight: testCase.height, outputWidth: testCase.width, scoresLoss: false)
    let plan = try InferencePlan(network, key, loss: nil, engine: EngineConfig(fusion: false)).plan
    var counts: [ConvolutionAlgorithm: Int] = [:]
    for step in plan.steps {
      guard let op = step.op as? Conv2D else { continue }
      let (input, weight) = (
        plan.types[step.inputs[0].index].shape, plan.types[step.inputs[1].index].shape
      )
      let algorithm = op.algorithm(input: input, weight: weight)
      counts[algorithm, default: 0] += 1
      let expected: ConvolutionAlgorithm =
        if weight[0] == 1 {
          .gathered
        } else if weight[0] == 7 {
          .phases
        } else if op.stride != 1 {
          .strips
        } else {
          testCase.exact.contains(step.path) ? .winogradExact : .winograd
        }
      #expect(algorithm == expected, "\(step.path), \(input)")
    }
    #expect(counts[.winogradExact] == testCase.exact.count)
    #expect(counts.values.reduce(0, +) == 28)
  }
}
