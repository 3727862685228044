import SegCore

/// Red, green and blue, 0 to 1.
typealias StreetColor = SIMD3<Float>

/// Weather and time of day: what they do to colours.
struct StreetLight {
  enum Kind { case clear, overcast, dusk }

  let kind: Kind
  let skyTop: StreetColor
  /// Far objects fade into this.
  let skyHorizon: StreetColor
  let cloud: Float
  /// What the light multiplies colours by.
  let tint: StreetColor
  /// 1 when the sun is on the right and the left walls are lit, -1 for the mirror image.
  let sunSide: Double
  /// How much darker shadow is, 0 to 1.
  let shadow: Float
  /// Distance in metres at which half of the colour is haze.
  let haze: Double

  init(random: inout CounterRNG) {
    let draw = random.uniform()
    kind = draw < 0.5 ? .clear : draw < 0.8 ? .overcast : .dusk
    sunSide = random.uniform() < 0.5 ? 1 : -1
    haze = random.uniform(130, 420)
    let shift = Float(random.uniform(-0.06, 0.06))
    switch kind {
    case .clear:
      skyTop = [0.32 + shift, 0.52, 0.82 - shift]
      skyHorizon = [0.74, 0.82 + shift, 0.9]
      cloud = Float(random.uniform(0, 0.9))
      tint = StreetColor(1.08, 1.03, 0.94) * Float(random.uniform(0.88, 1.08))
      shadow = 0.5
    case .overcast:
      skyTop = StreetColor(0.66, 0.69, 0.73) + shift
      skyHorizon = StreetColor(0.8, 0.81, 0.82) + shift
      cloud = Float(random.uniform(0.3, 0.8))
      tint = StreetColor(0.86, 0.9, 0.95) * Float(random.uniform(0.82, 1.02))
      shadow = 0.22
    case .dusk:
      skyTop = [0.24 + shift, 0.27, 0.44]
      skyHorizon = [0.78 + shift, 0.52, 0.4 - shift]
      cloud = Float(random.uniform(0.2, 0.9))
      tint = StreetColor(0.66, 0.56, 0.58) * Float(random.uniform(0.72, 1))
      shadow = 0.3
    }
  }

  /// A surface of colour `base` at distance `z`, turned so that it gets `facing` of the light.
  func shade(_ base: StreetColor, at z: Double, facing: Float = 1) -> StreetColor {
    let fog = Float(z / (z + haze))
    return base * tint * facing * (1 - fog) + skyHorizon * fog
  }

  /// Lamps and lit windows do not get darker at dusk.
  func glow(_ base: StreetColor, at z: Double) -> StreetColor {
    let fog = Float(z / (z + haze))
    return base * (1 - fog) + skyHorizon * fog
  }

  /// The light a wall parallel to the street gets; `side` is -1 for the left wall, 1 for the right.
  func wallFacing(side: Double) -> Float {
    side * sunSide < 0 ? 1 + 0.15 * shadow : 1 - 0.75 * shadow
  }
}

/// Draws a colour from a list and moves it a little.
func streetColor(
  from palette: [StreetColor], spread: Double = 0.05, _ random: inout CounterRNG
) -> StreetColor {
  let base = palette[random.integer(in: 0..<palette.count)]
  let value = Float(random.uniform(-spread, spread))
  let jitter = StreetColor(
    Float(random.uniform(-spread, spread)), Float(random.uniform(-spread, spread)),
    Float(random.uniform(-spread, spread)))
  return (base + value + 0.6 * jitter).clamped(lowerBound: .zero, upperBound: .one)
}
