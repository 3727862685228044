import SegCore

/// A resize whose output only losses read, as logits: a place where the fused losses fit.
struct ResizedLogits {
  let node: GraphEditor.NodeID
  let resize: ResizeBilinear
  /// Before and after the resize.
  let source: Value
  let logits: Value

  /// All such places where the resize makes at least two pixels of one. Below that, interpolating anew for every
  /// few rows costs more than what is saved in memory traffic.
  static func all(in editor: GraphEditor) -> [ResizedLogits] {
    editor.nodes(running: ResizeBilinear.self).compactMap { node, op in
      let place = ResizedLogits(
        node: node, resize: op, source: editor.inputs(of: node)[0],
        logits: editor.outputs(of: node)[0])
      let pixels = [place.source, place.logits].map { value in
        editor.type(of: value).shape.dims[..<3].reduce(1, *)
      }
      let readers = editor.readers(of: place.logits)
      guard pixels[1] >= 2 * pixels[0], !editor.isKept(place.logits), !readers.isEmpty,
        readers.allSatisfy({ place.isLogits(of: $0, editor) })
      else { return nil }
      return place
    }
  }

  private func isLogits(of reader: GraphEditor.NodeID, _ editor: GraphEditor) -> Bool {
    let op = editor.op(of: reader)
    let inputs = editor.inputs(of: reader)
    let isLoss = op is PixelCrossEntropy || op is PixelLosses || op is RecallWeights
    return isLoss && inputs[0] == logits && !inputs.dropFirst().contains(logits)
  }

  /// Puts `op` in the place of a reader, and of the resize when nobody else reads it.
  func replace(
    _ reader: GraphEditor.NodeID, by op: some Op, producing further: [Value] = [],
    _ editor: inout GraphEditor
  ) {
    let isLast = editor.isRead(logits, onlyBy: reader)
    editor.replace(
      isLast ? [node, reader] : [reader], by: op,
      [source] + editor.inputs(of: reader).dropFirst(),
      producing: editor.outputs(of: reader) + further)
  }
}
