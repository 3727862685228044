import SegCore

/// Weights of convolutions are transformed or packed once, not in every run. For inference.
public struct PrepareConvolutionWeights: GraphRewrite {
  public static let name = "prepare_convolution_weights"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (node, op) in editor.nodes(running: Conv2D.self) {
      var inputs = editor.inputs(of: node)
      guard op.policy == .automatic, op.preparedWeight == nil,
        editor.dependsOnWeightsAlone(inputs[1])
      else { continue }
      let weight = inputs[1]
      var convolution = op
      convolution.preparedWeight = editor.type(of: weight).shape
      let input = editor.type(of: inputs[0]).shape
      let prepared = editor.makeValue(convolution.preparedFloats(input: input))
      inputs[1] = prepared
      editor.replace(
        [node],
        by: [
          .init(
            PreparedWeight(convolution: convolution, input: input), [weight], producing: [prepared]),
          .init(convolution, inputs, producing: editor.outputs(of: node)),
        ])
      count += 1
    }
    return count
  }
}
