public import SegCore
public import SegEngine
public import SegNN

/// What a network returns for `[N, H, W, 3]`: class scores `[N, H, W, classes]` at the input's size.
public struct SegmentationOutput {
  public var logits: Tensor
  /// From the auxiliary head on `layer3`, where the model has one; while training, unless asked for.
  public var auxiliary: Tensor?

  public init(logits: Tensor, auxiliary: Tensor? = nil) {
    self.logits = logits
    self.auxiliary = auxiliary
  }
}

/// A network that has declared its parameters and can be traced.
public struct SegmentationModel: Sendable {
  let backbone: ResNet
  let architecture: Architecture
  let head: Architecture.Head
  let auxiliaryHead: FCNHead?

  /// Declares the network under `scope`: `backbone`, what the architecture calls its head (torchvision's `classifier`,
  /// or the recall repository's `aspp` and `decoder`), `aux_classifier`.
  public init(_ scope: Scope, _ options: ModelOptions) {
    backbone = ResNet(
      scope / "backbone", options.backbone.depth, outputStride: options.outputStride)
    head = options.architecture.makeHead(scope, backbone.channels, options)
    architecture = options.architecture
    auxiliaryHead =
      options.hasAuxiliaryHead
      ? FCNHead(
        scope / "aux_classifier", channels: backbone.channels.auxiliary, classes: options.classes,
        dropout: options.dropout ?? 0.1)
      : nil
  }

  /// - Parameter withAuxiliary: whether the auxiliary head is traced; `nil` traces it in training only.
  public func callAsFunction(
    _ image: Tensor, withAuxiliary: Bool? = nil
  ) throws(ShapeError) -> SegmentationOutput {
    let (height, width) = (image.shape[1], image.shape[2])
    let features = try backbone(image)
    let logits = try head(features)
      .resized(
        height: height, width: width, alignCorners: architecture.alignsCorners,
        path: architecture.scope)
    guard let auxiliaryHead, withAuxiliary ?? image.graph.mode.isTraining else {
      return SegmentationOutput(logits: logits, auxiliary: nil)
    }
    let auxiliary = try auxiliaryHead(features.auxiliary)
      .resized(
        height: height, width: width, alignCorners: architecture.alignsCorners,
        path: "aux_classifier")
    return SegmentationOutput(logits: logits, auxiliary: auxiliary)
  }
}

/// Everything that decides the shape of a network.
public struct ModelOptions: Sendable {
  public var architecture: Architecture
  public var backbone: Backbone
  public var classes: Int
  public var outputStride: Int
  public var hasAuxiliaryHead: Bool
  /// Probability in the heads; `nil` takes each head's own (DeepLabV3 0.5, FCN 0.1, DeepLabV3+ 0.5, 0.5 and 0.1).
  public var dropout: Double?

  public init(
    architecture: Architecture, backbone: Backbone = .resnet18, classes: Int,
    outputStride: Int = 16, hasAuxiliaryHead: Bool = false, dropout: Double? = nil
  ) {
    self.architecture = architecture
    self.backbone = backbone
    self.classes = classes
    self.outputStride = outputStride
    self.hasAuxiliaryHead = hasAuxiliaryHead
    self.dropout = dropout
  }
}
