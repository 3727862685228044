import SegCore

/// A point of the picture in output pixels, x to the right and y down.
typealias StreetPoint = SIMD2<Double>

/// A pinhole camera that looks along a straight street.
///
/// Street coordinates are metres: X to the right of the camera, Y up from the ground, Z forward.
struct StreetCamera {
  let width: Int
  let height: Int
  /// Focal length in pixels.
  let focal: Double
  /// Where parallels to the street meet.
  let vanishing: StreetPoint
  /// Metres above the ground.
  let eye: Double

  /// Nothing nearer than this is drawn, in metres.
  static let near = 1.5

  init(width: Int, height: Int, random: inout CounterRNG) {
    self.width = width
    self.height = height
    let (w, h) = (Double(width), Double(height))
    focal = min(w, 1.5 * h) * random.uniform(0.8, 1.05)
    vanishing = [w * random.uniform(0.36, 0.64), h * random.uniform(0.38, 0.52)]
    eye = random.uniform(1.3, 2.3)
  }

  func project(_ x: Double, _ y: Double, _ z: Double) -> StreetPoint {
    let scale = focal / max(z, Self.near)
    return [vanishing.x + x * scale, vanishing.y + (eye - y) * scale]
  }

  /// Pixels that a metre takes at distance `z`.
  func scale(at z: Double) -> Double { focal / max(z, Self.near) }

  /// How far away the ground is that picture row `y` shows; nil at and above the horizon.
  func groundDepth(row y: Double) -> Double? {
    let below = y - vanishing.y
    return below > 0.02 ? focal * eye / below : nil
  }

  /// The corners of a rectangle on the ground.
  func groundQuad(x: ClosedRange<Double>, z: ClosedRange<Double>) -> [StreetPoint] {
    [
      project(x.lowerBound, 0, z.lowerBound), project(x.upperBound, 0, z.lowerBound),
      project(x.upperBound, 0, z.upperBound), project(x.lowerBound, 0, z.upperBound),
    ]
  }

  /// The corners of an upright rectangle that faces the camera.
  func facingQuad(x: ClosedRange<Double>, y: ClosedRange<Double>, z: Double) -> [StreetPoint] {
    [
      project(x.lowerBound, y.lowerBound, z), project(x.upperBound, y.lowerBound, z),
      project(x.upperBound, y.upperBound, z), project(x.lowerBound, y.upperBound, z),
    ]
  }
}
