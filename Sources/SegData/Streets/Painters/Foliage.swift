import SegCore

/// A crown of leaves made of overlapping ellipses with a ragged edge, and perhaps a trunk.
struct Foliage {
  /// Metres right of the camera.
  let x: Double
  let z: Double
  private let trunk: (height: Double, width: Double)?
  /// Metres from the foot; x right, y up.
  private let lobes: [(center: SIMD2<Double>, radii: SIMD2<Double>)]
  private let color: StreetColor
  private let shift: SIMD2<Double>
  /// How much the edge frays.
  private let ragged: Float

  static func tree(
    x: Double, z: Double, color: StreetColor, _ random: inout CounterRNG
  ) -> Foliage {
    let clear = random.uniform(1.8, 3)
    let radius = random.uniform(1.1, 2.4)
    let tall = random.uniform(0.8, 1.5)
    var lobes = [(center: SIMD2(0, clear + radius * tall), radii: SIMD2(radius, radius * tall))]
    for _ in 0..<random.integer(in: 3..<7) {
      let r = radius * random.uniform(0.4, 0.7)
      lobes.append(
        (
          center: [
            radius * random.uniform(-0.8, 0.8), clear + radius * tall * random.uniform(0.4, 1.8),
          ], radii: [r, r]
        ))
    }
    return Foliage(
      x: x, z: z, trunk: (clear + radius * tall, random.uniform(0.2, 0.42)), lobes: lobes,
      color: color, shift: [random.uniform(0, 64), random.uniform(0, 64)],
      ragged: Float(random.uniform(0.7, 1.2)))
  }

  static func bush(
    x: Double, z: Double, color: StreetColor, _ random: inout CounterRNG
  ) -> Foliage {
    let height = random.uniform(0.5, 1.1)
    let lobes = (0..<random.integer(in: 2..<5)).map { lobe in
      (
        center: SIMD2(Double(lobe) * random.uniform(0.5, 0.9), height * 0.5),
        radii: SIMD2(random.uniform(0.5, 0.9), height * random.uniform(0.6, 1))
      )
    }
    return Foliage(
      x: x, z: z, trunk: nil, lobes: lobes, color: color,
      shift: [random.uniform(0, 64), random.uniform(0, 64)], ragged: 0.6)
  }

  func paint(_ canvas: inout StreetCanvas, _ street: StreetLayout, _ border: Bool) {
    let (camera, light) = (street.camera, street.light)
    let object = canvas.object(.vegetation, bordered: border)
    let scale = camera.scale(at: z)
    let foot = camera.project(x, 0, z)
    if let trunk {
      let half = trunk.width / 2
      let bark = light.shade([0.3, 0.25, 0.2], at: z, facing: 0.85)
      let quad = camera.facingQuad(x: (x - half)...(x + half), y: 0...trunk.height, z: z)
      canvas.fill(quad, as: object, color: bark)
    }
    let low = lobes.map { $0.center - $0.radii * 1.15 }
    let high = lobes.map { $0.center + $0.radii * 1.15 }
    let (x0, x1) = (low.map(\.x).min() ?? 0, high.map(\.x).max() ?? 0)
    let (y0, y1) = (max(low.map(\.y).min() ?? 0, 0), high.map(\.y).max() ?? 0)
    let box = camera.facingQuad(x: (x + x0)...(x + x1), y: y0...y1, z: z)
    // Leaves are about 25 cm, and never smaller than a pixel.
    let leaf = max(0.25 * scale, 1)
    let span = max(y1 - y0, 0.1)
    canvas.fill(box, as: object) { point, _ in
      let place = SIMD2((point.x - foot.x) / scale, (foot.y - point.y) / scale)
      let u = point / leaf + shift
      let edge = street.noise.smooth(u.x * 0.6, u.y * 0.6)
      let leaves = street.noise.smooth(u.x, u.y)
      var inside: Float = -1
      for lobe in lobes {
        let d = (place - lobe.center) / lobe.radii
        inside = max(inside, Float(1 - (d * d).sum()))
      }
      guard inside + ragged * 0.45 * (edge + leaves - 1) > 0.12 else { return nil }
      let lit = Float((place.y - y0) / span) + Float(light.sunSide * place.x / (x1 - x0)) * 0.5
      let facing = 0.62 + 0.42 * lit + 0.75 * (leaves - 0.5)
      return light.shade(color, at: z, facing: max(facing, 0.2))
    }
  }

  /// Dappled shade on the ground.
  var shadow: StreetItem {
    let reach = lobes.map { $0.radii.x }.max() ?? 1
    return .shadow(x: x, z: z, halfWidth: reach, halfLength: reach, dappled: true)
  }
}
