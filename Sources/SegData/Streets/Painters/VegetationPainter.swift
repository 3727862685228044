import SegCore

/// Trees, bushes and lawns.
enum VegetationPainter: StreetPainter {
  static let name = "vegetation"

  private static let greens: [StreetColor] = [
    [0.26, 0.38, 0.16], [0.2, 0.31, 0.15], [0.36, 0.44, 0.2], [0.3, 0.36, 0.22], [0.5, 0.44, 0.18],
    [0.24, 0.33, 0.22],
  ]

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    var items: [StreetItem] = []
    let season = greens[random.integer(in: 0..<greens.count)]
    for side in [-1.0, 1.0] {
      items += lawns(side: side, season, street, &random)
      let avenue = random.uniform() < 0.55
      var z = random.uniform(7, 20)
      while z < StreetLayout.end {
        if random.uniform() < (avenue ? 0.8 : 0.25) {
          let beyond = random.uniform() < 0.3
          let offset =
            beyond
            ? street.wall(side: side) + random.uniform(0.5, 4)
            : street.roadHalf + random.uniform(1, 2)
          let tree = Foliage.tree(
            x: street.x(side * offset), z: z,
            color: streetColor(from: [season, season, greens[random.integer(in: 0..<6)]], &random),
            &random)
          items += draw(tree, layer: beyond ? .roadside : .street, &random)
        }
        z += random.uniform(6, 15)
      }
    }
    for _ in 0..<random.integer(in: 0..<4) {
      let side = random.uniform() < 0.5 ? -1.0 : 1
      let bush = Foliage.bush(
        x: street.x(side * (street.wall(side: side) - random.uniform(0, 0.8))),
        z: random.uniform(9, 45), color: streetColor(from: greens, &random), &random)
      items += draw(bush, layer: .roadside, &random)
    }
    return items
  }

  private static func draw(
    _ foliage: Foliage, layer: StreetItem.Layer, _ random: inout CounterRNG
  ) -> [StreetItem] {
    let border = random.uniform() < 0.3
    return [
      foliage.shadow,
      StreetItem(layer: layer, depth: foliage.z) { canvas, street in
        foliage.paint(&canvas, street, border)
      },
    ]
  }

  /// Grass beyond the pavement and, in some streets, a strip along the kerb.
  private static func lawns(
    side: Double, _ season: StreetColor, _ street: StreetLayout, _ random: inout CounterRNG
  ) -> [StreetItem] {
    let wall = street.wall(side: side)
    var strips: [(from: Double, to: Double)] = []
    if random.uniform() < 0.6 { strips.append((wall - 0.2, wall + 40)) }
    if random.uniform() < 0.25 {
      strips.append((street.roadHalf + 0.3, street.roadHalf + random.uniform(0.9, 1.6)))
    }
    let color = season * 1.15 + StreetColor(0.05, 0.05, 0)
    return strips.map { strip in
      let (a, b) = (street.x(side * strip.from), street.x(side * strip.to))
      return StreetItem(layer: .backdrop, depth: 1e3) { canvas, street in
        let camera = street.camera
        let object = canvas.object(.vegetation)
        let quad = camera.groundQuad(x: min(a, b)...max(a, b), z: 1.6...StreetLayout.end)
        canvas.fill(quad, as: object) { point, _ in
          guard let z = camera.groundDepth(row: point.y) else { return nil }
          let x = (point.x - camera.vanishing.x) * z / camera.focal
          let blade = street.noise.smooth(x * 7, z * 4) - 0.5
          let patch = street.noise.smooth(x * 0.8 + 5, z * 0.4) - 0.5
          let detail = Float(min(1, 12 / z))
          return street.light.shade(color * (1 + 0.5 * detail * blade + 0.3 * patch), at: z)
        }
      }
    }
  }
}
