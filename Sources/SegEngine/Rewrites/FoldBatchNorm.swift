import SegCore

/// A convolution and the normalisation behind it become one convolution with other weights, which are computed
/// once. For inference: there is no gradient, and the result is rounded at other places.
public struct FoldBatchNorm: GraphRewrite {
  public static let name = "fold_batch_norm"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (norm, op) in editor.nodes(running: BatchNormApply.self) {
      let inputs = editor.inputs(of: norm)
      guard !op.usesBatchStatistics, !op.addsResidual, !op.rectifies,
        let (convolution, kind) = editor.producer(of: inputs[0], running: Conv2D.self),
        editor.isRead(inputs[0], onlyBy: norm)
      else { continue }
      let read = editor.inputs(of: convolution)
      let settled = [read[1]] + inputs[1...4] + read[2...]
      guard settled.allSatisfy({ editor.dependsOnWeightsAlone($0) }) else { continue }
      var folded = kind
      folded.hasBias = true
      let weight = editor.makeValue(editor.type(of: read[1]))
      let bias = editor.makeValue(editor.type(of: inputs[1]))
      editor.replace(
        [convolution, norm],
        by: [
          .init(FoldedWeights(), settled, producing: [weight, bias]),
          .init(
            folded, [read[0], weight, bias], producing: editor.outputs(of: norm),
            path: editor.path(of: convolution)),
        ])
      count += 1
    }
    return count
  }
}
