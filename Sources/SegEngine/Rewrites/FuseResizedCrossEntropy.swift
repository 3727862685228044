import SegCore

/// Cross entropy of resized logits becomes one pass over the logits before the resize (`ResizedCrossEntropy`), its
/// gradient included where it is wanted.
public struct FuseResizedCrossEntropy: GraphRewrite {
  public static let name = "fuse_resized_cross_entropy"
  let withGradient: Bool

  /// - Parameter withGradient: whether the graph will be differentiated.
  public init(withGradient: Bool) { self.withGradient = withGradient }

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for place in ResizedLogits.all(in: editor) {
      for reader in editor.readers(of: place.logits) {
        guard let entropy = editor.op(of: reader) as? PixelCrossEntropy else { continue }
        let op = ResizedCrossEntropy(place.resize, entropy, withGradient: withGradient)
        let gradient = withGradient ? [editor.makeValue(editor.type(of: place.source))] : []
        place.replace(reader, by: op, producing: gradient, &editor)
        count += 1
      }
    }
    return count
  }
}
