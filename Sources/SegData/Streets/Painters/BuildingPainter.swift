import SegCore

/// Houses along both sides, and what closes the street at its end.
enum BuildingPainter: StreetPainter {
  static let name = "building"

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    var houses: [House] = []
    let storeys = [1.6, 2.2, 3, 4][random.integer(in: 0..<4)]
    for side in [-1.0, 1.0] {
      var z = random.uniform(-4, 7)
      let gaps = random.uniform(0.15, 0.6)
      while z < StreetLayout.end {
        let length = random.uniform(7, 20)
        if random.uniform() < gaps {
          z += random.uniform(4, 13)
          continue
        }
        let setback = random.uniform() < 0.3 ? random.uniform(0.5, 4) : 0
        let inner = street.wall(side: side) + setback
        let floors = max(1, (storeys * random.uniform(0.6, 1.45)).rounded())
        houses.append(
          House(
            side: side, inner: inner, outer: inner + random.uniform(8, 14),
            z: max(z, 2)...(z + length),
            facade: Facade(floors: floors, &random)))
        z += length
      }
    }
    houses.removeAll { $0.z.upperBound < 4 }
    let closed = random.uniform() < 0.3
    let distance = closed ? random.uniform(45, 95) : StreetLayout.end
    var x = -90.0
    while x < 90 {
      let width = random.uniform(8, 22)
      if closed || random.uniform() < 0.75 {
        houses.append(
          House(
            side: 0, inner: x, outer: x + width, z: distance...(distance + 10),
            facade: Facade(floors: (random.uniform(1.5, storeys * 2)).rounded(), &random)))
      }
      x += width
    }
    return houses.map { house in
      let border = random.uniform() < 0.3
      return StreetItem(layer: .roadside, depth: house.z.lowerBound) { canvas, street in
        house.paint(&canvas, street, border)
      }
    }
  }
}

/// A box with a face along the street and one towards the camera.
private struct House {
  /// -1 left, 1 right, 0 across the end of the street.
  let side: Double
  /// Metres from the middle of the road; for a house across the street its left edge.
  let inner: Double
  let outer: Double
  let z: ClosedRange<Double>
  let facade: Facade

  func paint(_ canvas: inout StreetCanvas, _ street: StreetLayout, _ border: Bool) {
    let camera = street.camera
    let object = canvas.object(.building, bordered: border)
    let near = z.lowerBound
    let edges = side == 0 ? (inner, outer) : (side * inner, side * outer)
    let (left, right) = (street.x(min(edges.0, edges.1)), street.x(max(edges.0, edges.1)))
    let front = camera.facingQuad(x: left...right, y: 0...facade.height, z: near)
    let frontLight: Float = 1 - 0.35 * street.light.shadow
    canvas.fill(front, as: object) { point, _ in
      let u = (point.x - camera.vanishing.x) * near / camera.focal - left
      let v = camera.eye - (point.y - camera.vanishing.y) * near / camera.focal
      return facade.color(u: u, v: v, z: near, facing: frontLight, street)
    }
    guard side != 0 else { return }
    let x = street.x(side * inner)
    let wall = [
      camera.project(x, 0, near), camera.project(x, 0, z.upperBound),
      camera.project(x, facade.height, z.upperBound), camera.project(x, facade.height, near),
    ]
    let wallLight = street.light.wallFacing(side: side)
    canvas.fill(wall, as: object) { point, _ in
      let depth = min(max(camera.focal * x / (point.x - camera.vanishing.x), near), z.upperBound)
      let v = camera.eye - (point.y - camera.vanishing.y) * depth / camera.focal
      return facade.color(u: depth - near, v: v, z: depth, facing: wallLight, street)
    }
  }
}
