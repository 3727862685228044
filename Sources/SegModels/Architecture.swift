import SegCore
import SegEngine
import SegNN

/// A head that turns backbone features into class scores. A new one is a file and a line in `all`.
public struct Architecture: Sendable {
  typealias Head = @Sendable (BackboneFeatures) throws(ShapeError) -> Tensor

  public let name: String
  /// Under which its last layers are declared.
  let scope: String
  /// Whether corner pixels stay corners when its scores are resized to the input (`align_corners`).
  let alignsCorners: Bool
  /// Declares the head below the network's root, under names of its own, and returns its forward pass.
  let makeHead: @Sendable (Scope, BackboneFeatures.Channels, ModelOptions) -> Head

  /// Sorted by name.
  public static let all: [Architecture] = [.deepLabV3, .deepLabV3Plus, .fcn]

  public static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }
}
