public import SegCore

extension Conv2D {
  /// Kernel size, then stride and dilation where they are not 1: `3x3 dilation 2`.
  public func kind(_ inputs: [TensorType]) -> String? {
    let weight = weightShape(inputs)
    return "\(weight[0])x\(weight[1])" + (stride > 1 ? " stride \(stride)" : "")
      + (dilation > 1 ? " dilation \(dilation)" : "")
  }
}
