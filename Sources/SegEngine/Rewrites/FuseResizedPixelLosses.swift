import SegCore

/// Pixel losses of resized logits are computed from the logits before the resize (`ResizedPixelLosses`).
public struct FuseResizedPixelLosses: GraphRewrite {
  public static let name = "fuse_resized_pixel_losses"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for place in ResizedLogits.all(in: editor) {
      for reader in editor.readers(of: place.logits) {
        guard let losses = editor.op(of: reader) as? PixelLosses else { continue }
        place.replace(reader, by: ResizedPixelLosses(place.resize, losses), &editor)
        count += 1
      }
    }
    return count
  }
}
