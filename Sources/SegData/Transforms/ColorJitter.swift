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
    sample.image.adjust(draw(&rng))
  }

  func draw(_ rng: inout CounterRNG) -> ColorFactors {
    func factor(_ strength: Double) -> Double {
      rng.uniform(max(0, 1 - strength), 1 + strength)
    }
    return ColorFactors(
      brightness: factor(strength.brightness), contrast: factor(strength.contrast),
      saturation: factor(strength.saturation))
  }
}

/// What is drawn for one sample; 1 leaves things as they are.
public struct ColorFactors: Sendable, Equatable {
  public var brightness, contrast, saturation: Double

  public init(brightness: Double, contrast: Double, saturation: Double) {
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
  }
}

extension Raster {
  /// Blends by the three factors; three channels.
  public mutating func adjust(_ factors: ColorFactors) {
    adjust(factors, within: Window(top: 0, left: 0, size: size))
  }

  /// The same, but only pixels of `part` are changed; the mean gray is that of the whole picture.
  mutating func adjust(_ factors: ColorFactors, within part: Window) {
    precondition(
      channels == 3 && part.top >= 0 && part.left >= 0 && part.top + part.size.height <= height
        && part.left + part.size.width <= width, "adjust outside the picture")
    let brightness = Float(factors.brightness)
    let mean =
      factors.contrast == 1
      ? 0 : (si_mean_gray(pixels, height * width, brightness) + 0.5).rounded(.down)
    let (first, stride) = ((part.top * width + part.left) * 3, width * 3)
    pixels.withUnsafeMutableBufferPointer { pixels in
      si_adjust_colors(
        pixels.baseAddress.map { $0 + first }, part.size.height, part.size.width, stride,
        brightness, Float(mean), Float(factors.contrast), Float(factors.saturation))
    }
  }
}
