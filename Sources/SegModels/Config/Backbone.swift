public import SegCore

/// Feature extractors: ResNets (He et al. 2016).
public enum Backbone: String, ConfigChoice {
  case resnet18, resnet34, resnet50, resnet101, resnet152
  case resnet18Bottleneck = "resnet18_bottleneck"

  public var help: String {
    switch self {
    case .resnet18: "ResNet-18, basic blocks, 512 channels"
    case .resnet34: "ResNet-34, basic blocks, 512 channels"
    case .resnet50: "ResNet-50, bottleneck blocks, 2048 channels"
    case .resnet101: "ResNet-101, bottleneck blocks, 2048 channels"
    case .resnet152: "ResNet-152, bottleneck blocks, 2048 channels"
    case .resnet18Bottleneck:
      "the recall repository's: 2, 2, 2 and 3 bottleneck blocks, multi-grid, 2048 channels"
    }
  }
}
