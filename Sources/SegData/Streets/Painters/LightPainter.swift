import SegCore

/// Traffic lights: a dark box with three lamps, one of them lit.
enum LightPainter: StreetPainter {
  static let name = "light"

  private static let lamps: [StreetColor] = [
    [0.98, 0.2, 0.15], [1, 0.72, 0.15], [0.2, 0.95, 0.5],
  ]

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    // All lights of a street show the same.
    let draw = random.uniform()
    let lit = draw < 0.45 ? 0 : draw < 0.55 ? 1 : 2
    return street.posts.filter { $0.load == .light }.map { post in
      let turned = random.uniform() < 0.25
      let border = random.uniform() < 0.25
      return StreetItem(layer: .street, depth: post.z) { canvas, street in
        let (camera, light) = (street.camera, street.light)
        let object = canvas.object(.light, bordered: border)
        let x = street.x(post.side * post.offset)
        let (low, high) = (post.height - 0.95, post.height + 0.05)
        let box = camera.facingQuad(x: (x - 0.19)...(x + 0.19), y: low...high, z: post.z)
        canvas.fill(box, as: object, color: light.shade([0.08, 0.1, 0.09], at: post.z))
        guard !turned else { return }
        let radius = 0.13 * camera.scale(at: post.z)
        for lamp in 0..<3 {
          let center = camera.project(x, high - 0.18 - 0.31 * Double(lamp), post.z)
          let on = lamp == lit
          let color =
            on
            ? light.glow(lamps[lamp], at: post.z)
            : light.shade(lamps[lamp] * 0.2 + 0.05, at: post.z)
          // A lit lamp shines over its rim.
          let spread = on ? max(radius * 1.15, 0.6) : radius
          canvas.fill(ellipse: center, radii: [spread, spread], as: object) { _, _ in color }
        }
      }
    }
  }
}
