public import SegCore

/// Enlarges pictures that are smaller than the crop until it fits, instead of padding them; draws nothing.
///
/// The factor is that of the shorter side, and both sides get a pixel more than it asks for: the rule of
/// recall-semseg's Cityscapes loader.
public struct EnlargeToCrop: Transform {
  public var size: PixelSize
  public var method: DataConfig.Resize

  public init(_ size: PixelSize, by method: DataConfig.Resize = .pil) {
    self.size = size
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    try sample.resize(to: enlarged(sample.size), by: method)
  }

  /// What becomes of a picture of size `whole`.
  func enlarged(_ whole: PixelSize) -> PixelSize {
    guard whole.width < size.width || whole.height < size.height else { return whole }
    let factor =
      whole.width < whole.height
      ? Double(size.width) / Double(whole.width) : Double(size.height) / Double(whole.height)
    return PixelSize(
      height: Int(factor * Double(whole.height) + 1), width: Int(factor * Double(whole.width) + 1))
  }
}
