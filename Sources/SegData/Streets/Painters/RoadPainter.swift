import SegCore

/// The ground: asphalt with markings, kerbs and pavements, all of class road.
enum RoadPainter: StreetPainter {
  static let name = "road"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    let ground = Ground(street, &random)
    return [
      StreetItem(layer: .backdrop, depth: 1e6) { canvas, street in
        let camera = street.camera
        let (w, h) = (Double(camera.width), Double(camera.height))
        let top = camera.vanishing.y + 0.1
        let road = canvas.object(.road)
        canvas.fill([[0, top], [w, top], [w, h], [0, h]], as: road) { point, _ in
          guard let z = camera.groundDepth(row: point.y) else { return nil }
          let x = (point.x - camera.vanishing.x) * z / camera.focal - street.middle
          return ground.color(x: x, z: z, street)
        }
      }
    ]
  }
}

/// The surface of the street, in metres from its middle.
private struct Ground {
  let asphalt: StreetColor
  let pavement: StreetColor
  let slab: Double
  let paint: StreetColor
  let wear: Float
  let dash: (on: Double, off: Double, start: Double)
  let centreLine: Bool
  let edgeLine: Bool
  /// How far the houses of the sunny side throw their shadow across, in metres from the wall.
  let shadowReach: Double

  init(_ street: StreetLayout, _ random: inout CounterRNG) {
    let gray = Float(random.uniform(0.26, 0.5))
    asphalt = StreetColor(gray, gray, gray + Float(random.uniform(-0.03, 0.04)))
    pavement = streetColor(
      from: [[0.55, 0.54, 0.52], [0.48, 0.44, 0.42], [0.6, 0.57, 0.5], [0.42, 0.42, 0.44]], &random)
    slab = random.uniform(0.5, 1.2)
    paint = random.uniform() < 0.85 ? [0.88, 0.88, 0.86] : [0.85, 0.72, 0.25]
    wear = Float(random.uniform(0.2, 0.65))
    dash = (random.uniform(2, 4), random.uniform(2.5, 6), random.uniform(0, 8))
    centreLine = random.uniform() < 0.85
    edgeLine = random.uniform() < 0.4
    shadowReach = random.uniform(0, 7)
  }

  func color(x: Double, z: Double, _ street: StreetLayout) -> StreetColor {
    let noise = street.noise
    let half = street.roadHalf
    // Detail smaller than a pixel is left out instead of flickering.
    let detail = Float(min(1, 14 / z))
    let distance = abs(x)
    var color: StreetColor
    if distance < half {
      let blotch = noise.smooth(x * 0.6 + 11, z * 0.16)
      let grit = noise.smooth(x * 9, z * 6)
      color = asphalt * (0.86 + 0.24 * blotch + 0.16 * detail * (grit - 0.5))
      // Tar patches are darker and have straight edges.
      if noise.cell(Int((x / 1.7 + 40).rounded(.down)), Int((z / 4.3).rounded(.down))) > 0.97 {
        color *= 0.8
      }
      if isMarked(x: x, z: z, street) {
        let rub = noise.smooth(x * 4 + 31, z * 2 + 7)
        color += (paint - color) * max(0, min(1, 1.25 - wear - 0.7 * wear * rub))
      }
    } else if distance < half + 0.18 {
      color = pavement * 1.12
    } else {
      let grit = noise.smooth(x * 5 + 3, z * 3)
      color = pavement * (0.92 + 0.2 * (noise.smooth(x * 0.7, z * 0.3 + 9) - 0.5))
      color *= 1 + 0.12 * detail * (grit - 0.5)
      let (u, v) = ((distance - half) / slab, z / slab)
      let joint = min(u - u.rounded(.down), v - v.rounded(.down)) < 0.09
      if joint { color *= 1 - 0.22 * detail }
    }
    return street.light.shade(color, at: z, facing: sun(x: x, z: z, street))
  }

  private func isMarked(x: Double, z: Double, _ street: StreetLayout) -> Bool {
    let half = street.roadHalf
    if let crossing = street.crossing, z >= crossing, z < crossing + 3 {
      let stripe = (x + half) / 0.95
      return stripe - stripe.rounded(.down) < 0.5 && abs(x) < half - 0.3
    }
    if let crossing = street.crossing, z >= crossing - 1.2, z < crossing - 0.8 { return x > 0 }
    if centreLine, abs(x) < 0.08 {
      let phase = (z + dash.start) / (dash.on + dash.off)
      return (phase - phase.rounded(.down)) * (dash.on + dash.off) < dash.on
    }
    return edgeLine && abs(abs(x) - (half - 0.35)) < 0.06
  }

  private func sun(x: Double, z: Double, _ street: StreetLayout) -> Float {
    let side = street.light.sunSide
    let fromWall = street.wall(side: side) - side * x
    // The edge follows the roofs: higher and lower houses, with gaps between them.
    let roof = Double(street.noise.cell(Int((z / 9).rounded(.down)), 5))
    return fromWall < shadowReach * (0.4 + roof) ? 1 - street.light.shadow : 1
  }
}
