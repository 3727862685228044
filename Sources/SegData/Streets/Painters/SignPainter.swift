import SegCore

/// Traffic signs: rings, triangles, squares, octagons and direction boards.
enum SignPainter: StreetPainter {
  static let name = "sign"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    street.posts.filter { $0.load == .sign }.map { post in
      let face = SignFace.all[random.integer(in: 0..<SignFace.all.count)]
      let turned = random.uniform() < 0.18
      let size = random.uniform(0.27, 0.37)
      let border = random.uniform() < 0.25
      return StreetItem(layer: .street, depth: post.z) { canvas, street in
        let (camera, light) = (street.camera, street.light)
        let object = canvas.object(.sign, bordered: border)
        let center = camera.project(street.x(post.side * post.offset), post.height - 0.1, post.z)
        let scale = camera.scale(at: post.z) * size
        func outline(_ factor: Double) -> [StreetPoint] {
          face.outline.map { center + StreetPoint($0.x, -$0.y) * scale * factor }
        }
        let back = light.shade([0.5, 0.51, 0.52], at: post.z)
        let rim = turned ? back : light.shade(face.rim, at: post.z, facing: 1.1)
        let field = turned ? back * 0.95 : light.shade(face.field, at: post.z, facing: 1.1)
        canvas.fill(outline(1), as: object, color: rim)
        canvas.fill(outline(0.72), as: object, color: field)
        if let mark = face.mark, !turned {
          let ink = light.shade(mark, at: post.z)
          canvas.stroke(
            center + [-0.4 * scale, 0], center + [0.4 * scale, 0], width: 0.28 * scale, as: object,
            ink)
        }
      }
    }
  }
}

/// A sign's shape in units of its half size, x right and y up, and its colours.
private struct SignFace {
  let outline: [SIMD2<Double>]
  let rim: StreetColor
  let field: StreetColor
  let mark: StreetColor?

  private static let d = 0.707_106_781_186_547_6
  private static let disc: [SIMD2<Double>] = [
    [1, 0], [0.924, 0.383], [d, d], [0.383, 0.924], [0, 1], [-0.383, 0.924], [-d, d],
    [-0.924, 0.383], [-1, 0], [-0.924, -0.383], [-d, -d], [-0.383, -0.924], [0, -1],
    [0.383, -0.924], [d, -d], [0.924, -0.383],
  ]
  private static let triangle: [SIMD2<Double>] = [[-1, -0.75], [1, -0.75], [0, 1]]
  private static let square: [SIMD2<Double>] = [
    [-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9],
  ]
  private static let octagon: [SIMD2<Double>] = [
    [1, 0.41], [0.41, 1], [-0.41, 1], [-1, 0.41], [-1, -0.41], [-0.41, -1], [0.41, -1], [1, -0.41],
  ]
  private static let board: [SIMD2<Double>] = [
    [-1.6, -0.6], [1.6, -0.6], [1.6, 0.6], [-1.6, 0.6],
  ]
  private static let red: StreetColor = [0.78, 0.12, 0.12]
  private static let white: StreetColor = [0.92, 0.92, 0.9]
  private static let black: StreetColor = [0.1, 0.1, 0.1]

  static let all = [
    SignFace(outline: disc, rim: red, field: white, mark: black),
    SignFace(outline: disc, rim: red, field: red, mark: white),
    SignFace(outline: disc, rim: [0.12, 0.3, 0.65], field: [0.12, 0.3, 0.65], mark: white),
    SignFace(outline: triangle, rim: red, field: white, mark: black),
    SignFace(outline: triangle, rim: red, field: [0.9, 0.75, 0.15], mark: nil),
    SignFace(outline: square, rim: white, field: [0.12, 0.3, 0.65], mark: white),
    SignFace(outline: octagon, rim: white, field: red, mark: white),
    SignFace(outline: board, rim: white, field: [0.1, 0.42, 0.25], mark: white),
    SignFace(outline: board, rim: black, field: [0.92, 0.78, 0.15], mark: black),
  ]
}
