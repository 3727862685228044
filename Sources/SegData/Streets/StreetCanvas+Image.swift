import SegCore

/// What the camera does to a picture: sharpness, colour balance and noise.
struct StreetExposure {
  let blur: Float
  let gain: StreetColor
  let contrast: Float
  let noise: Float
  let vignette: Float

  init(random: inout CounterRNG) {
    blur = Float(random.uniform(0.02, 0.13))
    let brightness = random.uniform(0.86, 1.12)
    gain = StreetColor(
      Float(brightness * random.uniform(0.94, 1.06)),
      Float(brightness * random.uniform(0.96, 1.04)),
      Float(brightness * random.uniform(0.94, 1.06)))
    contrast = Float(random.uniform(0.82, 1.12))
    noise = Float(random.uniform(0.008, 0.035))
    vignette = Float(random.uniform(0, 0.25))
  }
}

extension StreetCanvas {
  /// The photograph, `[height, width, 3]`.
  func image(_ exposure: StreetExposure, random: inout CounterRNG) -> [UInt8] {
    let soft = blurred(averaged(), by: exposure.blur)
    var image = [UInt8](repeating: 0, count: width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let at = row * width + column
        let u = (Float(column) + 0.5) / Float(width) * 2 - 1
        let v = (Float(row) + 0.5) / Float(height) * 2 - 1
        var color = soft[at] * exposure.gain
        color = (color - 0.45) * exposure.contrast + 0.45
        color *= 1 - exposure.vignette * (u * u + v * v) / 2
        color += exposure.noise * Self.grain(random.next())
        let bytes = (color * 255 + 0.5).clamped(
          lowerBound: .zero, upperBound: StreetColor(repeating: 255))
        for channel in 0..<3 { image[at * 3 + channel] = UInt8(bytes[channel]) }
      }
    }
    return image
  }

  /// Noise of about unit variance, half of it common to the channels, out of 64 random bits.
  private static func grain(_ bits: UInt64) -> StreetColor {
    func triangular(_ shift: UInt64) -> Float {
      Float((bits >> shift) & 255) + Float((bits >> (shift + 8)) & 255)
    }
    let common = triangular(48)
    let own = StreetColor(triangular(0), triangular(16), triangular(32))
    return (own + common - 510) * (1.2 / 255)
  }

  private func averaged() -> [StreetColor] {
    let stride = width * Self.density
    let share = 1 / Float(Self.density * Self.density)
    var out = [StreetColor](repeating: .zero, count: width * height)
    for row in 0..<height * Self.density {
      for column in 0..<stride {
        out[row / Self.density * width + column / Self.density] +=
          share * colors[row * stride + column]
      }
    }
    return out
  }

  /// Three taps `[b, 1 - 2 b, b]` along each axis.
  private func blurred(_ input: [StreetColor], by b: Float) -> [StreetColor] {
    var across = input
    for row in 0..<height {
      for column in 0..<width {
        let left = input[row * width + max(column - 1, 0)]
        let right = input[row * width + min(column + 1, width - 1)]
        across[row * width + column] =
          (1 - 2 * b) * input[row * width + column] + b * (left + right)
      }
    }
    var out = across
    for row in 0..<height {
      for column in 0..<width {
        let up = across[max(row - 1, 0) * width + column]
        let down = across[min(row + 1, height - 1) * width + column]
        out[row * width + column] = (1 - 2 * b) * across[row * width + column] + b * (up + down)
      }
    }
    return out
  }
}
