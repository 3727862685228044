import SegEngine

/// What heads read from a backbone.
struct BackboneFeatures {
  /// After `layer1`, at stride 4.
  var lowLevel: Tensor
  /// After `layer3`.
  var auxiliary: Tensor
  /// After `layer4`, at the output stride.
  var high: Tensor

  /// Their channels.
  struct Channels: Sendable {
    var lowLevel, auxiliary, high: Int
  }
}
