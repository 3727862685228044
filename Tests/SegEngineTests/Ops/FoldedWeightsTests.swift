import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct FoldedWeightsTests {
  static let cases: [OpCase] = [false, true].flatMap { hasBias in
    ([[1, 1, 3, 5], [3, 3, 17, 33], [3, 3, 64, 70]] as [Shape]).map { shape in
      let channels: Shape = [shape[3]]
      var inputs: [OpInput] = [
        .random(shape, differentiable: false), .random(channels, seed: 2, differentiable: false),
        .random(channels, in: 0.2...2, seed: 3, differentiable: false),
        .random(channels, in: 0.5...1.5, seed: 4, differentiable: false),
        .random(channels, seed: 5, differentiable: false),
      ]
      if hasBias { inputs.append(.random(channels, seed: 6, differentiable: false)) }
      return OpCase(
        "\(shape)\(hasBias ? ", bias" : "")", inputs: inputs, differentiableOutputs: [],
        build: { graph, inputs in try graph.emit(FoldedWeights(), inputs, path: "bn") },
        reference: { inputs in
          let scale = zip(inputs[2].values, inputs[3].values).map { $0 * $1 }
          let weight = inputs[0].values.enumerated().map { $1 * scale[$0 % scale.count] }
          let bias = scale.indices.map { channel in
            let old = hasBias ? inputs[5].values[channel] : 0
            return inputs[4].values[channel] + (old - inputs[1].values[channel]) * scale[channel]
          }
          return [Reference(shape, weight), Reference(channels, bias)]
        })
    }
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  @Test func namesWhatDoesNotFit() {
    let shapes: [Shape] = [[1, 1, 3, 5], [5], [5], [4], [5]]
    let message = OpCheck.message(shapes.map { TensorType($0) }) { graph, inputs in
      try graph.emit(FoldedWeights(), inputs, path: "bn")
    }
    #expect(message == "bn: folded_weights: gamma is float32[5] for 5 channels, found float32[4]")
  }
}
