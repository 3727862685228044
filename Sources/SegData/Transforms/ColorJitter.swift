internal import CSegImage
public import SegCore

/// Brightness, contrast, saturation, in this order, by random factors; three draws.
///
/// The arithmetic is that of Pillow's `ImageEnhance`: a blend, rounded down, between the image
/// (factor 1) and black, the image's mean gray, or each pixel's gray (factor 0).
public struct ColorJitter: Transform {
  public var strength: ColorJitterConfig

  public init(_ strength: ColorJitterConfig) { self.strength = strength }

  public func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws {
    let brightness = Self.draw(strength.brightness, &rng)
    let contrast = Self.draw(strength.contrast, &rng)
    let saturation = Self.draw(strength.saturation, &rng)
    sample.image.adjust(brightness: brightness, contrast: contrast, saturation: saturation)
  }

  private static func draw(_ strength: Double, _ rng: inout CounterRNG) -> Double {
    rng.uniform(max(0, 1 - strength), 1 + strength)
  }
}

extension Raster {
  /// Blends by the three factors, 1 leaves things as they are; three channels.
  public mutating func adjust(brightness: Double, contrast: Double, saturation: Double) {
    let count = height * width
    if brightness != 1 { si_blend_level(&pixels, 3 * count, 0, Float(brightness)) }
    if contrast != 1 {
      let mean = (si_mean_gray(pixels, count) + 0.5).rounded(.down)
      si_blend_level(&pixels, 3 * count, Float(mean), Float(contrast))
    }
    if saturation != 1 { si_blend_gray(&pixels, count, Float(saturation)) }
  }
}
