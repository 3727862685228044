import SegCore

/// Batch normalisation followed by a rectifier, or by the sum with a residual and a rectifier, becomes one
/// pass: `BatchNormApply(addsResidual:rectifies:)`, with the same bits.
public struct FuseNormalizationActivation: GraphRewrite {
  public static let name = "fuse_normalization_activation"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (relu, _) in editor.nodes(running: ReLU.self) {
      let input = editor.inputs(of: relu)[0]
      guard editor.isRead(input, onlyBy: relu) else { continue }
      if let norm = plainNormalization(of: input, editor) {
        editor.replace(
          [norm.node, relu], by: norm.op.rectified(addsResidual: false),
          editor.inputs(of: norm.node), producing: editor.outputs(of: relu))
        count += 1
      } else if let (add, _) = editor.producer(of: input, running: Add.self),
        let (norm, residual) = summands(of: add, editor)
      {
        editor.replace(
          [norm.node, add, relu], by: norm.op.rectified(addsResidual: true),
          editor.inputs(of: norm.node) + [residual], producing: editor.outputs(of: relu))
        count += 1
      }
    }
    return count
  }

  private typealias Normalization = (node: GraphEditor.NodeID, op: BatchNormApply)

  private func plainNormalization(of value: Value, _ editor: GraphEditor) -> Normalization? {
    guard let norm = editor.producer(of: value, running: BatchNormApply.self),
      !norm.op.addsResidual, !norm.op.rectifies
    else { return nil }
    return norm
  }

  /// The normalisation in front of a sum that nobody else reads, and the other operand.
  private func summands(
    of add: GraphEditor.NodeID, _ editor: GraphEditor
  ) -> (norm: Normalization, residual: Value)? {
    let operands = editor.inputs(of: add)
    guard operands[0] != operands[1] else { return nil }
    for (value, residual) in [(operands[0], operands[1]), (operands[1], operands[0])] {
      if editor.isRead(value, onlyBy: add), let norm = plainNormalization(of: value, editor) {
        return (norm, residual)
      }
    }
    return nil
  }
}

extension BatchNormApply {
  fileprivate func rectified(addsResidual: Bool) -> BatchNormApply {
    BatchNormApply(
      usesBatchStatistics: usesBatchStatistics, addsResidual: addsResidual, rectifies: true)
  }
}
