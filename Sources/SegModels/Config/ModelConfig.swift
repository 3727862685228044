public import SegCore

/// Section `model` of the run config.
public struct ModelConfig: Sendable, Equatable {
  public var architecture: ModelArchitecture
  public var backbone: Backbone
  /// Input pixels per pixel of the backbone's last feature map, along each side.
  public var outputStride: Int
  /// A second head on the features of stage 3, used in training only.
  public var auxHead: Bool
  /// Weight of the auxiliary head's loss.
  public var auxWeight: Double
  /// Dropout probability in the head; `nil` keeps the architecture's own.
  public var dropout: Double?
  /// A `.safetensors`, `.pth` or `.pt` file to start from, as seen from the current directory.
  public var weights: String?
  public var weightsScope: WeightsScope
  /// Heads of the weight file for another number of classes are left out and start from random values.
  public var resetClassifier: Bool
  /// Name prefixes of the parameters that are trained; `nil` trains all.
  public var trainOnly: [String]?
  public var frozenBatchNorm: FrozenBatchNorm

  public init(
    architecture: ModelArchitecture, backbone: Backbone, outputStride: Int = 16,
    auxHead: Bool = false, auxWeight: Double = 0.5, dropout: Double? = nil, weights: String? = nil,
    weightsScope: WeightsScope = .all, resetClassifier: Bool = false, trainOnly: [String]? = nil,
    frozenBatchNorm: FrozenBatchNorm = .batch
  ) {
    self.architecture = architecture
    self.backbone = backbone
    self.outputStride = outputStride
    self.auxHead = auxHead
    self.auxWeight = auxWeight
    self.dropout = dropout
    self.weights = weights
    self.weightsScope = weightsScope
    self.resetClassifier = resetClassifier
    self.trainOnly = trainOnly
    self.frozenBatchNorm = frozenBatchNorm
  }

  public init(_ section: ConfigSection) {
    architecture = section.choice("architecture", "The network.")
    backbone = section.choice("backbone", "The feature extractor.")
    outputStride = section.int(
      "output_stride", default: 16, among: [8, 16, 32],
      "Input pixels per feature pixel along each side.")
    auxHead = section.bool(
      "aux_head", default: false, "A second head on the features of stage 3, in training only.")
    auxWeight = section.number(
      "aux_weight", default: 0.5, in: 0...10, "Weight of the auxiliary head's loss.")
    dropout = section.optionalNumber(
      "dropout", in: 0..<1, "Dropout probability in the head; null: the architecture's own.")
    weights = section.optionalString(
      "weights",
      "A .safetensors, .pth or .pt file to start from, as seen from the current directory.")
    weightsScope = section.choice("weights_scope", default: .all, "What is taken from weights.")
    resetClassifier = section.bool(
      "reset_classifier", default: false,
      "Heads in weights for another number of classes start anew instead of being an error.")
    trainOnly = section.optionalStrings(
      "train_only", count: 1...64,
      "Name prefixes of the parameters that are trained, e.g. \"classifier\"; null: all.")
    frozenBatchNorm = section.choice(
      "frozen_batch_norm", default: .batch, "Batch norm of layers that are not trained.")
    if resetClassifier, weights == nil || weightsScope != .all,
      section.isSound("weights", "weights_scope")
    {
      section.problem(
        "reset_classifier", "expected false without weights or with a weights_scope of a part",
        hint: "backbone and matching leave out what does not fit anyway")
    }
  }
}

public enum ModelArchitecture: String, ConfigChoice {
  case deeplabv3, deeplabv3plus, fcn

  public var help: String {
    switch self {
    case .deeplabv3: "DeepLabV3 (Chen et al. 2017), as torchvision's"
    case .deeplabv3plus: "DeepLabV3+ (Chen et al. 2018), as the recall loss's repository has it"
    case .fcn: "fully convolutional head (Long et al. 2015), as torchvision's"
    }
  }
}

/// What is taken from the file of `model.weights`.
public enum WeightsScope: String, ConfigChoice {
  case all, backbone, matching

  public var help: String {
    switch self {
    case .all: "every name, and no other"
    case .backbone: "the backbone, and all of it"
    case .matching: "whatever has the same name and shape"
    }
  }
}

/// Batch norm of layers that are not trained.
public enum FrozenBatchNorm: String, ConfigChoice {
  case batch, fixed

  public var help: String {
    switch self {
    case .batch: "batch statistics, and the running ones move on"
    case .fixed: "running statistics, which stay as they are"
    }
  }
}
