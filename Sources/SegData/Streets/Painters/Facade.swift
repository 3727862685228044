import SegCore

/// The look of a house front: colour, rows of windows, a shop or a plinth below, a roof above.
struct Facade {
  /// Metres from the ground to the top, roof included.
  let height: Double
  private let floors: Double
  private let storey: Double
  private let wall: StreetColor
  private let trim: StreetColor
  private let roof: StreetColor
  private let roofHeight: Double
  private let pitch: Double
  private let opening: (width: Double, height: Double)
  private let shop: StreetColor?
  private let rough: Float
  private let bricks: Bool
  private let shift: (Int, Int)
  private let glass: StreetColor

  private static let walls: [StreetColor] = [
    [0.62, 0.36, 0.28], [0.78, 0.72, 0.6], [0.55, 0.55, 0.56], [0.4, 0.41, 0.44],
    [0.85, 0.83, 0.8],
    [0.7, 0.55, 0.42], [0.48, 0.55, 0.42], [0.42, 0.5, 0.38], [0.55, 0.62, 0.7], [0.66, 0.5, 0.48],
    [0.5, 0.32, 0.3], [0.6, 0.68, 0.74],
  ]

  init(floors: Double, _ random: inout CounterRNG) {
    self.floors = floors
    storey = random.uniform(2.9, 3.5)
    wall = streetColor(from: Self.walls, spread: 0.07, &random)
    trim = (wall * 0.5 + Float(random.uniform(0.3, 0.48)))
      .clamped(lowerBound: .zero, upperBound: .one)
    roof = streetColor(from: [[0.45, 0.25, 0.2], [0.3, 0.3, 0.33], [0.38, 0.33, 0.3]], &random)
    roofHeight = random.uniform() < 0.55 ? random.uniform(1.2, 2.6) : 0
    pitch = random.uniform(1.7, 3.2)
    opening = (random.uniform(0.38, 0.66), random.uniform(0.42, 0.62))
    let sells = random.uniform() < 0.35
    let awning = streetColor(
      from: [[0.6, 0.15, 0.15], [0.15, 0.3, 0.5], [0.2, 0.4, 0.25], [0.75, 0.65, 0.3]], &random)
    shop = sells ? awning : nil
    rough = Float(random.uniform(0.06, 0.22))
    bricks = random.uniform() < 0.35
    shift = (random.integer(in: 0..<64), random.integer(in: 0..<64))
    glass = streetColor(
      from: [[0.16, 0.19, 0.24], [0.24, 0.28, 0.32], [0.36, 0.44, 0.52]], &random)
    height = floors * storey + 0.5 + roofHeight
  }

  /// The colour at `u` metres along the front and `v` metres up, seen from `z` metres.
  func color(
    u: Double, v: Double, z: Double, facing: Float, _ street: StreetLayout
  ) -> StreetColor {
    let noise = street.noise
    let detail = Float(min(1, 26 / z))
    let stain = noise.smooth(u * 0.35 + Double(shift.0), v * 0.25 + Double(shift.1))
    let grit = noise.smooth(u * 4 + Double(shift.1), v * 4)
    var base = wall * (1 - rough * 0.6 + rough * stain + rough * detail * (grit - 0.5))
    let body = floors * storey
    if v > body + 0.5 {
      let course = v / 0.45
      base = roof * (0.9 + 0.2 * stain) * (course - course.rounded(.down) < 0.25 ? 0.85 : 1)
    } else if v > body {
      base = trim
    } else if v < storey, let shop {
      if v > storey - 0.8 { return street.light.shade(shop, at: z, facing: facing) }
      let pane = u / (pitch * 1.5)
      let inside = pane - pane.rounded(.down) > 0.1 && v > 0.5
      if inside { return window(column: Int(pane), floor: 0, u: u, v: v, z: z, facing, street) }
    } else if v < 0.6 {
      base = wall * 0.72
    } else {
      if bricks {
        let course = v / 0.3
        if course - course.rounded(.down) < 0.22 { base *= 1 - 0.16 * detail }
      }
      let (column, floor) = ((u / pitch).rounded(.down), (v / storey).rounded(.down))
      let across = abs(u / pitch - column - 0.5) * 2
      let up = abs(v / storey - floor - 0.52) * 2
      if across < opening.width && up < opening.height {
        return window(
          column: Int(column), floor: Int(floor), u: u, v: v, z: z, facing, street)
      }
      if across < opening.width + 0.12 && up < opening.height + 0.1 { base = trim }
    }
    return street.light.shade(base, at: z, facing: facing)
  }

  private func window(
    column: Int, floor: Int, u: Double, v: Double, z: Double, _ facing: Float,
    _ street: StreetLayout
  ) -> StreetColor {
    let draw = street.noise.cell(column + shift.0, floor * 7 + shift.1)
    if street.light.kind == .dusk && draw > 0.62 {
      return street.light.glow(StreetColor(0.95, 0.78, 0.42) * (0.6 + 0.5 * draw), at: z)
    }
    if draw < 0.25 {
      // Blinds and curtains.
      return street.light.shade(trim * 0.9, at: z, facing: facing * 0.85)
    }
    let reflection = street.noise.smooth(u * 1.3, v * 0.8 + Double(floor))
    let color = glass + (street.light.skyTop - glass) * (0.45 * reflection * draw)
    return street.light.shade(color, at: z, facing: facing)
  }
}
