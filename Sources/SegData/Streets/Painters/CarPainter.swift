import SegCore

/// Parked and driving cars and vans, and now and then one that crosses the street.
enum CarPainter: StreetPainter {
  static let name = "car"

  private static let paints: [StreetColor] = [
    [0.36, 0.37, 0.39], [0.5, 0.51, 0.53], [0.68, 0.69, 0.71], [0.1, 0.1, 0.12],
    [0.88, 0.88, 0.87],
    [0.16, 0.2, 0.34], [0.55, 0.12, 0.12], [0.2, 0.3, 0.22], [0.55, 0.5, 0.42], [0.25, 0.4, 0.6],
  ]

  static func place(in street: StreetLayout, _ random: inout CounterRNG) -> [StreetItem] {
    var cars: [Car] = []
    for side in [-1.0, 1.0] {
      let crowd = random.uniform(0, 0.75)
      var z = random.uniform(5, 12)
      while z < 75 {
        let length = random.uniform(3.9, 4.9)
        if random.uniform() < crowd && !blocksCrossing(street, z...(z + length)) {
          let away = random.uniform() < 0.8 ? side > 0 : side < 0
          cars.append(
            car(street, offset: side * (street.roadHalf - 1.05), z: z, length, away: away, &random))
        }
        z += length + random.uniform(0.8, 6)
      }
    }
    let lane = street.roadHalf * 0.42
    if random.uniform() < 0.5 {
      let z = random.uniform(9, 40)
      cars.append(car(street, offset: lane, z: z, 4.4, away: true, &random))
    }
    if random.uniform() < 0.5 {
      let z = random.uniform(8, 50)
      cars.append(car(street, offset: -lane, z: z, 4.4, away: false, &random))
    }
    if random.uniform() < 0.08 {
      let z = random.uniform(14, 30)
      let drift = random.uniform(-2, 2)
      cars.append(car(street, offset: drift, z: z, 4.3, away: true, across: true, &random))
    }
    return cars.flatMap { car in
      let border = random.uniform() < 0.35
      return [
        car.shadow,
        StreetItem(layer: .street, depth: car.z) { canvas, street in
          car.paint(&canvas, street, border)
        },
      ]
    }
  }

  private static func blocksCrossing(_ street: StreetLayout, _ z: ClosedRange<Double>) -> Bool {
    guard let crossing = street.crossing else { return false }
    return z.overlaps((crossing - 1)...(crossing + 4))
  }

  private static func car(
    _ street: StreetLayout, offset: Double, z: Double, _ length: Double, away: Bool,
    across: Bool = false, _ random: inout CounterRNG
  ) -> Car {
    let bodies = CarBody.all
    return Car(
      body: bodies[random.integer(in: 0..<bodies.count)], x: street.x(offset), z: z,
      length: length, width: random.uniform(1.65, 1.85), away: away, across: across,
      paint: streetColor(from: paints, spread: 0.04, &random),
      lamps: street.light.kind == .dusk || random.uniform() < 0.15)
  }
}
