import SegCore

/// A car as a side outline pulled out to its width.
struct Car {
  let body: CarBody
  /// Metres right of the camera, the middle of the car.
  let x: Double
  /// The near end, in metres.
  let z: Double
  let length: Double
  let width: Double
  /// Whether the tail is the near end.
  let away: Bool
  /// Whether it stands across the street, its tail on the left.
  let across: Bool
  let paint: StreetColor
  /// Lamps are on.
  let lamps: Bool

  var shadow: StreetItem {
    across
      ? .shadow(x: x, z: z + width / 2, halfWidth: length * 0.56, halfLength: width * 0.7)
      : .shadow(x: x, z: z + length / 2, halfWidth: width * 0.68, halfLength: length * 0.6)
  }

  func paint(_ canvas: inout StreetCanvas, _ street: StreetLayout, _ border: Bool) {
    let object = canvas.object(.car, bordered: border)
    // Far side first: the near one covers it.
    let nearSide = across ? -1.0 : (x > 0 ? -1.0 : 1.0)
    paintEnds(&canvas, street, object, wheelsOnly: true)
    let sides = body.outline.map { (place($0, -nearSide, street), place($0, nearSide, street)) }
    var faces: [(depth: Double, edge: Int)] = []
    for edge in 0..<sides.count - 1 {
      let middle = (depth(body.outline[edge]) + depth(body.outline[edge + 1])) / 2
      faces.append((middle, edge))
    }
    faces.sort { ($0.depth, $0.edge) > ($1.depth, $1.edge) }
    for face in faces {
      let (a, b) = (sides[face.edge], sides[face.edge + 1])
      let slope = abs(body.outline[face.edge + 1].y - body.outline[face.edge].y)
      let top = slope < 0.2
      let light = street.light
      let color =
        body.glass.contains(face.edge)
        ? light.shade([0.14, 0.17, 0.2], at: z) + light.skyTop * 0.1
        : light.shade(paint, at: z, facing: top ? 1.12 : 0.86)
      canvas.fill([a.0, b.0, b.1, a.1], as: object, color: color)
    }
    if !across { paintEnds(&canvas, street, object, wheelsOnly: false) }
    paintSide(&canvas, street, object, nearSide)
  }

  private func paintSide(
    _ canvas: inout StreetCanvas, _ street: StreetLayout, _ object: UInt16, _ side: Double
  ) {
    let light = street.light
    let facing = across ? 0.92 : light.wallFacing(side: -side) * 0.95
    let belt = place([0, 0.62], side, street).y
    let color = light.shade(paint, at: z, facing: facing)
    canvas.fill(body.outline.map { place($0, side, street) }, as: object) { point, _ in
      point.y > belt ? color * 0.86 : color
    }
    for window in body.windows {
      let pane = light.shade([0.15, 0.18, 0.22], at: z, facing: facing) + light.skyTop * 0.07
      canvas.fill(window.map { place($0, side, street) }, as: object, color: pane)
    }
    for axle in [0.19, 0.8] {
      let tyre = Self.circle.map {
        place([axle + $0.x * 0.34 / length, 0.33 + $0.y * 0.33], side, street)
      }
      let rim = Self.circle.map {
        place([axle + $0.x * 0.19 / length, 0.33 + $0.y * 0.19], side, street)
      }
      canvas.fill(tyre, as: object, color: light.shade([0.07, 0.07, 0.08], at: z))
      canvas.fill(rim, as: object, color: light.shade([0.45, 0.45, 0.47], at: z, facing: facing))
    }
  }

  /// The near end: wheels below, or bumper, lamps and number plate.
  private func paintEnds(
    _ canvas: inout StreetCanvas, _ street: StreetLayout, _ object: UInt16, wheelsOnly: Bool
  ) {
    let (camera, light) = (street.camera, street.light)
    let half = width / 2
    func panel(_ x0: Double, _ x1: Double, _ y: ClosedRange<Double>, _ color: StreetColor) {
      canvas.fill(
        camera.facingQuad(x: (x + x0 * half)...(x + x1 * half), y: y, z: z), as: object,
        color: color)
    }
    if wheelsOnly {
      guard !across else { return }
      let rubber = light.shade([0.06, 0.06, 0.07], at: z)
      panel(-0.95, -0.7, 0...0.5, rubber)
      panel(0.7, 0.95, 0...0.5, rubber)
      return
    }
    let floor = body.outline[0].y
    panel(-1, 1, floor...(floor + 0.2), light.shade(paint * 0.45, at: z))
    let lampTop = away ? 0.84 : 0.72
    let dark: StreetColor = away ? [0.5, 0.08, 0.07] : [0.72, 0.74, 0.76]
    let lit: StreetColor = away ? [0.98, 0.2, 0.15] : [1, 0.97, 0.85]
    let lamp = lamps ? light.glow(lit, at: z) : light.shade(dark, at: z)
    panel(-0.96, -0.68, (lampTop - 0.2)...lampTop, lamp)
    panel(0.68, 0.96, (lampTop - 0.2)...lampTop, lamp)
    panel(-0.24, 0.24, 0.46...0.57, light.shade([0.85, 0.85, 0.8], at: z))
    if !away { panel(-0.5, 0.5, 0.6...0.7, light.shade([0.12, 0.12, 0.13], at: z)) }
  }

  /// Distance of a point of the outline, in metres.
  private func depth(_ point: SIMD2<Double>) -> Double {
    if across { return -point.y }
    return z + (away ? point.x : 1 - point.x) * length
  }

  /// Where a point of the outline appears; `side` is -1 for the left or far flank, 1 for the other.
  private func place(
    _ point: SIMD2<Double>, _ side: Double, _ street: StreetLayout
  ) -> StreetPoint {
    let camera = street.camera
    if across {
      return camera.project(
        x + (point.x - 0.5) * length, point.y, z + (side < 0 ? 0 : width))
    }
    return camera.project(
      x + side * width / 2, point.y, z + (away ? point.x : 1 - point.x) * length)
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
