import SegCore

/// A normalised and rectified activation that only convolutions read is computed while they read it, and never
/// stored: `BatchNormApply(rectifies:)` disappears into `Conv2D`.
public struct FuseConvolutionActivation: GraphRewrite {
  public static let name = "fuse_convolution_activation"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (norm, op) in editor.nodes(running: BatchNormApply.self)
    where op.rectifies && !op.addsResidual {
      let activation = editor.outputs(of: norm)[0]
      let readers = editor.readers(of: activation)
      guard !editor.isKept(activation), !readers.isEmpty,
        readers.allSatisfy({ canActivate(editor, $0, activation) })
      else { continue }
      let normInputs = editor.inputs(of: norm)
      for (position, reader) in readers.enumerated() {
        guard var fused = editor.op(of: reader) as? Conv2D else { continue }
        fused.fusion.activatesInput = true
        fused.fusion.usesBatchStatistics = op.usesBatchStatistics
        var inputs = editor.inputs(of: reader)
        inputs[0] = normInputs[0]
        inputs.insert(contentsOf: normInputs[1...4], at: fused.activationIndex)
        // The last reader takes the normalisation away with it.
        let replaced = position == readers.count - 1 ? [norm, reader] : [reader]
        editor.replace(replaced, by: fused, inputs, producing: editor.outputs(of: reader))
      }
      count += 1
    }
    return count
  }

  private func canActivate(
    _ editor: GraphEditor, _ reader: GraphEditor.NodeID, _ activation: Value
  ) -> Bool {
    guard let convolution = editor.op(of: reader) as? Conv2D else { return false }
    return convolution.policy == .automatic && !convolution.fusion.activatesInput
      && editor.inputs(of: reader).first == activation
      && !editor.inputs(of: reader).dropFirst().contains(activation)
  }
}
