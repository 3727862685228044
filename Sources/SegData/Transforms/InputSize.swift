public import SegCore

/// At which size the network sees pictures that are scored or predicted.
public enum InputSize: Sendable, Equatable {
  /// As stored.
  case stored
  /// All of one size (`data.size`).
  case fixed(PixelSize)
  /// The short side of this many pixels, the aspect kept (`evaluation.short_side`).
  case shortSide(Int)

  /// `data.size` unless a short side is given.
  public init(_ data: DataConfig, shortSide: Int?) {
    self = shortSide.map { .shortSide($0) } ?? data.size.map { .fixed($0) } ?? .stored
  }

  /// Of a picture stored at `size`.
  ///
  /// - Parameter name: the picture's file, where it is known.
  /// - Throws: `Failure` `.badConfig` where a long picture would have more pixels than are read.
  public func size(of size: PixelSize, name: String? = nil) throws -> PixelSize {
    switch self {
    case .stored: return size
    case .fixed(let fixed): return fixed
    case .shortSide(let short):
      let scaled = size.scaled(toShortSide: short)
      guard scaled.height <= ImageFile.maximumPixels / scaled.width else {
        throw Failure(
          .badConfig, name ?? "evaluation",
          "short_side \(short) makes a picture of \(size) one of \(scaled); at most "
            + "\(ImageFile.maximumPixels) pixels are allowed",
          hint: "lower evaluation.short_side or leave the picture out")
      }
      return scaled
    }
  }
}

extension PixelSize {
  /// With a short side of `short` pixels, the long side rounded down (torchvision's `resize`).
  func scaled(toShortSide short: Int) -> PixelSize {
    // In whole numbers: a product of floats could round the other way.
    height <= width
      ? PixelSize(height: short, width: max(1, short * width / height))
      : PixelSize(height: max(1, short * height / width), width: short)
  }
}

/// Resizes image (bilinear) and label (nearest) to what the network sees in evaluation; draws nothing.
public struct ResizeToInput: Transform {
  public var size: InputSize
  public var method: DataConfig.Resize

  public init(_ size: InputSize, by method: DataConfig.Resize = .pil) {
    self.size = size
    self.method = method
  }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    try sample.resize(to: size.size(of: sample.size), by: method)
  }
}
