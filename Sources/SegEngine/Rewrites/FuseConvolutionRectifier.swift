import SegCore

/// A rectifier behind a convolution, and a residual between the two, are applied while the convolution writes its
/// output. For inference: a training graph fuses them with batch normalisation instead.
public struct FuseConvolutionRectifier: GraphRewrite {
  public static let name = "fuse_convolution_rectifier"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (relu, _) in editor.nodes(running: ReLU.self) {
      let input = editor.inputs(of: relu)[0]
      guard editor.isRead(input, onlyBy: relu) else { continue }
      if let (convolution, op) = fusable(input, editor) {
        fuse(&editor, [convolution, relu], op, residual: nil)
        count += 1
      } else if let (add, _) = editor.producer(of: input, running: Add.self),
        let (convolution, op, residual) = summands(of: add, editor)
      {
        fuse(&editor, [convolution, add, relu], op, residual: residual)
        count += 1
      }
    }
    return count
  }

  private func fuse(
    _ editor: inout GraphEditor, _ nodes: [GraphEditor.NodeID], _ op: Conv2D, residual: Value?
  ) {
    var fused = op
    fused.fusion.rectifies = true
    fused.fusion.addsResidual = residual != nil
    let inputs = editor.inputs(of: nodes[0]) + (residual.map { [$0] } ?? [])
    let outputs = editor.outputs(of: nodes[nodes.count - 1])
    let path = editor.path(of: nodes[0])
    editor.replace(nodes, by: [.init(fused, inputs, producing: outputs, path: path)])
  }

  private typealias Convolution = (node: GraphEditor.NodeID, op: Conv2D)

  private func fusable(_ value: Value, _ editor: GraphEditor) -> Convolution? {
    guard let convolution = editor.producer(of: value, running: Conv2D.self),
      convolution.op.policy == .automatic, convolution.op.fusion.isPlain
    else { return nil }
    return convolution
  }

  /// A convolution whose output only the sum reads, and the other operand.
  private func summands(
    of add: GraphEditor.NodeID, _ editor: GraphEditor
  ) -> (node: GraphEditor.NodeID, op: Conv2D, residual: Value)? {
    let operands = editor.inputs(of: add)
    guard operands[0] != operands[1] else { return nil }
    // The later one: the other is computed when it runs.
    for (value, residual) in [(operands[1], operands[0]), (operands[0], operands[1])] {
      if editor.isRead(value, onlyBy: add), let (node, op) = fusable(value, editor) {
        return (node, op, residual)
      }
    }
    return nil
  }
}
