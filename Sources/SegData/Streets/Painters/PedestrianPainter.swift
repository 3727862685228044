import SegCore

/// People on the pavements and on the zebra crossing.
enum PedestrianPainter: StreetPainter {
  static let name = "pedestrian"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    var people: [Pedestrian] = []
    for _ in 0..<random.integer(in: 1..<8) {
      let side = random.uniform() < 0.5 ? -1.0 : 1
      let room = street.wall(side: side) - street.roadHalf
      let offset = side * (street.roadHalf + room * random.uniform(0.2, 0.9))
      people.append(Pedestrian(x: street.x(offset), z: random.uniform(7, 34), &random))
    }
    if let crossing = street.crossing, random.uniform() < 0.6 {
      let offset = random.uniform(-0.9, 0.9) * street.roadHalf
      people.append(
        Pedestrian(x: street.x(offset), z: crossing + random.uniform(0.5, 2.5), &random))
    }
    return people.flatMap { person in
      let border = random.uniform() < 0.35
      return [
        .shadow(x: person.x, z: person.z, halfWidth: 0.45, halfLength: 0.3),
        StreetItem(layer: .street, depth: person.z) { canvas, street in
          person.paint(&canvas, street, border)
        },
      ]
    }
  }
}

/// A person seen from any side: legs, coat, arms and head as flat shapes.
private struct Pedestrian {
  /// Metres right of the camera.
  let x: Double
  let z: Double
  private let size: Double
  private let stride: Double
  private let lean: Double
  private let coat: StreetColor
  private let trousers: StreetColor
  private let skin: StreetColor
  private let hair: StreetColor
  private let bag: Bool

  init(x: Double, z: Double, _ random: inout CounterRNG) {
    self.x = x
    self.z = z
    size = random.uniform() < 0.15 ? random.uniform(0.65, 0.8) : random.uniform(0.92, 1.08)
    stride = random.uniform(0.03, 0.3)
    lean = random.uniform(-0.04, 0.04)
    coat = streetColor(
      from: [
        [0.15, 0.16, 0.2], [0.6, 0.15, 0.15], [0.2, 0.3, 0.5], [0.55, 0.55, 0.52],
        [0.75, 0.72, 0.65],
        [0.3, 0.35, 0.22], [0.75, 0.55, 0.15], [0.4, 0.3, 0.25],
      ], spread: 0.08, &random)
    trousers = streetColor(
      from: [[0.15, 0.17, 0.25], [0.2, 0.2, 0.2], [0.4, 0.36, 0.3], [0.28, 0.34, 0.45]], &random)
    skin = streetColor(
      from: [[0.85, 0.66, 0.55], [0.65, 0.46, 0.36], [0.42, 0.29, 0.22]], spread: 0.04, &random)
    hair = streetColor(from: [[0.15, 0.12, 0.1], [0.4, 0.3, 0.2], [0.6, 0.58, 0.55]], &random)
    bag = random.uniform() < 0.3
  }

  func paint(_ canvas: inout StreetCanvas, _ street: StreetLayout, _ border: Bool) {
    let (camera, light) = (street.camera, street.light)
    let object = canvas.object(.pedestrian, bordered: border)
    let scale = camera.scale(at: z) * size
    func at(_ dx: Double, _ y: Double) -> StreetPoint {
      camera.project(x + (dx + lean * y) * size, y * size, z)
    }
    let cloth = light.shade(coat, at: z)
    let leg = light.shade(trousers, at: z)
    canvas.stroke(at(-0.08, 0.88), at(-stride, 0.02), width: 0.17 * scale, as: object, leg)
    canvas.stroke(
      at(0.08, 0.88), at(stride * 0.8, 0.02), width: 0.17 * scale, as: object, leg * 0.85)
    let arm = cloth * 0.85
    canvas.stroke(
      at(-0.2, 1.4), at(-0.26 - stride * 0.5, 0.92), width: 0.11 * scale, as: object, arm)
    canvas.stroke(at(0.2, 1.4), at(0.26 + stride * 0.4, 0.95), width: 0.11 * scale, as: object, arm)
    let sunny = light.sunSide
    canvas.fill(
      [
        at(-0.17, 0.78), at(-0.22, 1.42), at(-0.1, 1.5), at(0.1, 1.5), at(0.22, 1.42),
        at(0.17, 0.78),
      ],
      as: object
    ) { point, _ in
      (point.x - at(0, 1).x) * sunny > 0 ? cloth * 1.08 : cloth * 0.9
    }
    if bag {
      canvas.fill(
        [at(0.2, 0.7), at(0.2, 1.05), at(0.42, 1.05), at(0.42, 0.7)], as: object,
        color: light.shade([0.32, 0.22, 0.16], at: z))
    }
    canvas.stroke(
      at(0, 1.46), at(0, 1.56), width: 0.1 * scale, as: object, light.shade(skin, at: z))
    let head = at(0, 1.63)
    let face = light.shade(skin, at: z)
    let top = light.shade(hair, at: z)
    canvas.fill(ellipse: head, radii: [0.1 * scale, 0.13 * scale], as: object) { point, _ in
      point.y < head.y - 0.02 * scale ? top : face
    }
  }
}
