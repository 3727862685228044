import SegCore

/// The recall loss's class weights of resized logits are counted from the logits before the resize
/// (`ResizedRecallWeights`), so that it need not be stored for them.
///
/// Comes before `FuseResizedCrossEntropy`, which takes the resize's last reader.
public struct FuseResizedRecallWeights: GraphRewrite {
  public static let name = "fuse_resized_recall_weights"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for place in ResizedLogits.all(in: editor) {
      for reader in editor.readers(of: place.logits) {
        guard let recall = editor.op(of: reader) as? RecallWeights else { continue }
        place.replace(reader, by: ResizedRecallWeights(place.resize, recall), &editor)
        count += 1
      }
    }
    return count
  }
}
