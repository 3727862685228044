internal import CSegImage
internal import SegCore

/// From 8-bit RGB to the floats the model sees, `(v / 255 - mean) / std` per channel.
public struct Normalization: Sendable {
  /// The value of each of the 256 levels, for every output channel.
  private let table: [Float]
  private let isReversed: Bool

  /// - Parameters:
  ///   - mean, std: of red, green, blue, whatever `order`.
  ///   - order: order of the output channels.
  /// - Throws: `Failure` `.badConfig` unless there are three numbers each and every std is above 0.
  public init(
    mean: [Float], std: [Float], order: DataConfig.ChannelOrder = .rgb
  ) throws {
    guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
      throw Failure(.badConfig, "data.mean", "expected three numbers, found \(mean)")
    }
    guard std.count == 3, std.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw Failure(.badConfig, "data.std", "expected three numbers above 0, found \(std)")
    }
    isReversed = order == .bgr
    table = (isReversed ? [2, 1, 0] : [0, 1, 2]).flatMap { channel in
      (0...255).map { (Float($0) / 255 - mean[channel]) / std[channel] }
    }
  }

  public init(_ config: DataConfig) throws {
    try self.init(mean: config.mean, std: config.std, order: config.channelOrder)
  }

  /// Writes `image` as floats `[height, width, 3]` from the start of `out`.
  public func write(_ image: Raster, to out: UnsafeMutableBufferPointer<Float>) {
    let count = image.height * image.width
    precondition(image.channels == 3 && out.count >= 3 * count, "normalize: buffer size")
    si_normalize(image.pixels, count, table, isReversed ? 1 : 0, out.baseAddress)
  }

  /// The colour closest to `mean`: about 0 after normalisation.
  public static func meanColor(_ mean: [Float]) -> RGB {
    let levels = mean.map { UInt8(max(0, min(255, ($0 * 255).rounded()))) }
    return levels.count == 3 ? RGB(levels[0], levels[1], levels[2]) : RGB(0, 0, 0)
  }
}
