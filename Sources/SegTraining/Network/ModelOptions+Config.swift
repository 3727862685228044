import SegEngine
import SegModels

extension ModelOptions {
  /// What section `model` describes, for `classes` classes.
  init(_ config: ModelConfig, classes: Int) {
    self.init(
      architecture: config.architecture.architecture, backbone: config.backbone,
      classes: classes, outputStride: config.outputStride, hasAuxiliaryHead: config.auxHead,
      dropout: config.dropout)
  }
}

extension ModelArchitecture {
  var architecture: Architecture {
    switch self {
    case .deeplabv3: .deepLabV3
    case .deeplabv3plus: .deepLabV3Plus
    case .fcn: .fcn
    }
  }
}

extension EngineConfig.Convolution {
  var policy: ConvolutionPolicy {
    switch self {
    case .auto: .automatic
    case .direct: .direct
    }
  }
}
