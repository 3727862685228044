import SegCore

/// Lamp posts and the posts that carry signs and traffic lights.
enum PolePainter: StreetPainter {
  static let name = "pole"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    let color = streetColor(
      from: [[0.42, 0.43, 0.44], [0.25, 0.26, 0.27], [0.55, 0.56, 0.56], [0.24, 0.3, 0.26]], &random
    )
    let arm = random.uniform(0.6, 1.8)
    return street.posts.map { post in
      let border = random.uniform() < 0.15
      let tone = color * Float(random.uniform(0.9, 1.1))
      return StreetItem(layer: .street, depth: post.z) { canvas, street in
        let (camera, light) = (street.camera, street.light)
        let object = canvas.object(.pole, bordered: border)
        let x = street.x(post.side * post.offset)
        let scale = camera.scale(at: post.z)
        let thick = (post.load == .sign ? 0.08 : 0.13) * scale
        let metal = light.shade(tone, at: post.z)
        let foot = camera.project(x, 0, post.z)
        let top = camera.project(x, post.height, post.z)
        let half = max(thick, 0.9) / 2
        canvas.fill(
          [foot + [-half, 0], foot + [half, 0], top + [half * 0.8, 0], top + [-half * 0.8, 0]],
          as: object
        ) { point, _ in
          (point.x - foot.x) * light.sunSide > 0 ? metal * 1.12 : metal * 0.85
        }
        if post.load == .lamp {
          let tip = camera.project(x - post.side * arm, post.height + 0.25, post.z)
          canvas.stroke(top, tip, width: 0.09 * scale, as: object, metal)
          let lit = light.kind == .dusk
          let head = lit ? light.glow([1, 0.9, 0.65], at: post.z) : metal * 0.8
          canvas.stroke(
            tip, tip + [-post.side * 0.55 * scale, 0.03 * scale], width: 0.16 * scale, as: object,
            head)
        }
      }
    }
  }
}
