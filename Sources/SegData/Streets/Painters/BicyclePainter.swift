import SegCore

/// Parked bicycles, the rarest kind: two thin wheels and a frame, often behind a post.
enum BicyclePainter: StreetPainter {
  static let name = "bicycle"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    guard random.uniform() < 0.26 else { return [] }
    let side = random.uniform() < 0.5 ? -1.0 : 1
    var z = random.uniform(12, 30)
    var offset = street.roadHalf + random.uniform(0.3, 1.6)
    // Locked to a post, where there is one: the post hides a part of it.
    if random.uniform() < 0.5,
      let post = street.posts.first(where: { $0.side == side && $0.z > 12 && $0.z < 30 })
    {
      z = post.z + 0.15
      offset = post.offset + random.uniform(-0.4, 0.4)
    }
    let bicycle = Bicycle(x: street.x(side * offset), z: z, &random)
    let border = random.uniform() < 0.25
    return [
      .shadow(x: bicycle.x, z: z, halfWidth: 0.8, halfLength: 0.25, dappled: true),
      StreetItem(layer: .street, depth: z) { canvas, street in
        bicycle.paint(&canvas, street, border)
      },
    ]
  }
}

/// A bicycle from the side, turned a little; what is seen through the wheels belongs to it.
private struct Bicycle {
  /// Metres right of the camera.
  let x: Double
  let z: Double
  /// Metres right and forward per metre along the bicycle.
  private let axis: SIMD2<Double>
  private let frame: StreetColor
  private let basket: Bool

  init(x: Double, z: Double, _ random: inout CounterRNG) {
    self.x = x
    self.z = z
    let along = random.uniform(0, 0.8)
    let flip = random.uniform() < 0.5 ? -1.0 : 1
    axis = [flip * (1 - along * along).squareRoot(), along]
    frame = streetColor(
      from: [
        [0.12, 0.12, 0.13], [0.6, 0.12, 0.12], [0.15, 0.3, 0.55], [0.2, 0.4, 0.3], [0.7, 0.7, 0.7],
        [0.8, 0.55, 0.1],
      ], &random)
    basket = random.uniform() < 0.35
  }

  private static let wheel = 0.34
  private static let axles = (-0.52, 0.52)
  /// Tubes from joint to joint, metres along and up.
  private static let tubes: [(SIMD2<Double>, SIMD2<Double>)] = [
    ([-0.52, 0.34], [-0.1, 0.3]), ([-0.52, 0.34], [-0.2, 0.8]), ([-0.1, 0.3], [-0.22, 0.95]),
    ([-0.1, 0.3], [0.36, 0.78]), ([-0.19, 0.8], [0.34, 0.86]), ([0.52, 0.34], [0.32, 1.02]),
  ]

  func paint(_ canvas: inout StreetCanvas, _ street: StreetLayout, _ border: Bool) {
    let (camera, light) = (street.camera, street.light)
    let object = canvas.object(.bicycle, bordered: border)
    let scale = camera.scale(at: z)
    func at(_ along: Double, _ up: Double) -> StreetPoint {
      camera.project(x + axis.x * along, up, z + axis.y * along)
    }
    let rubber = light.shade([0.09, 0.09, 0.1], at: z)
    let metal = light.shade(frame, at: z, facing: 1.05)
    for axle in [Self.axles.0, Self.axles.1] {
      let rim = Self.circle.map { at(axle + Self.wheel * $0.x, Self.wheel * (1 + $0.y)) }
      let spokes = light.shade([0.6, 0.6, 0.62], at: z)
      canvas.fill(rim, as: object) { _, under in under * 0.85 + spokes * 0.15 }
      for (a, b) in zip(rim, rim.dropFirst() + rim.prefix(1)) {
        canvas.stroke(a, b, width: 0.055 * scale, as: object, rubber)
      }
    }
    for tube in Self.tubes {
      canvas.stroke(
        at(tube.0.x, tube.0.y), at(tube.1.x, tube.1.y), width: 0.05 * scale, as: object, metal)
    }
    canvas.stroke(at(-0.34, 0.96), at(-0.1, 0.96), width: 0.08 * scale, as: object, rubber)
    canvas.stroke(at(0.26, 1.03), at(0.44, 1.06), width: 0.06 * scale, as: object, rubber)
    if basket {
      canvas.fill(
        [at(0.42, 0.74), at(0.42, 0.98), at(0.76, 0.98), at(0.7, 0.74)], as: object,
        color: light.shade([0.5, 0.4, 0.28], at: z))
    }
  }

  /// Twelve points on the unit circle.
  private static let circle: [SIMD2<Double>] = {
    let (a, b) = (0.5, 0.866_025_403_784_438_6)
    return [
      [1, 0], [b, a], [a, b], [0, 1], [-a, b], [-b, a], [-1, 0], [-b, -a], [-a, -b], [0, -1],
      [a, -b], [b, -a],
    ]
  }()
}
