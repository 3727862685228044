import SegCore

/// The street a scene shows: camera, light, and where kerbs, walls and posts stand.
struct StreetLayout {
  let camera: StreetCamera
  let light: StreetLight
  let noise: StreetNoise
  /// Half of the carriageway, in metres.
  let roadHalf: Double
  /// From the middle of the road to the house fronts, left and right, in metres.
  let walls: (left: Double, right: Double)
  /// The middle of the road; the camera drives in the right lane.
  let middle: Double
  /// Near edge of the zebra crossing, in metres.
  let crossing: Double?
  let posts: [StreetPost]

  /// Where the street ends and the skyline begins, in metres.
  static let end = 130.0

  init(key: StreetKey, width: Int, height: Int) {
    var random = key.random(for: "layout")
    camera = StreetCamera(width: width, height: height, random: &random)
    light = StreetLight(random: &random)
    noise = StreetNoise(random: &random)
    let half = random.uniform(3.2, 5)
    roadHalf = half
    middle = -half * random.uniform(0.3, 0.55)
    walls = (half + random.uniform(2.5, 6), half + random.uniform(2.5, 6))
    let cross = random.uniform() < 0.35 ? random.uniform(7, 22) : nil
    crossing = cross
    posts = StreetPost.draw(roadHalf: half, crossing: cross, &random)
  }

  /// From metres right of the middle of the road to metres right of the camera.
  func x(_ offset: Double) -> Double { middle + offset }

  func wall(side: Double) -> Double { side < 0 ? walls.left : walls.right }
}

/// What a random number of a scene depends on; each kind of object has its own stream, so that
/// a new kind changes nothing about the others.
struct StreetKey {
  let seed: UInt64
  let split: String
  let index: Int

  func random(for purpose: String) -> CounterRNG {
    CounterRNG(
      seed: seed, stream: CounterRNG.stream("streets/\(split)/\(purpose)"), step: UInt64(index))
  }
}

/// A post at the kerb and what it carries.
struct StreetPost {
  enum Load { case lamp, sign, light }

  let load: Load
  /// -1 left, 1 right.
  let side: Double
  /// Metres from the middle of the road.
  let offset: Double
  let z: Double
  let height: Double

  static func draw(
    roadHalf: Double, crossing: Double?, _ random: inout CounterRNG
  ) -> [StreetPost] {
    var posts: [StreetPost] = []
    for side in [-1.0, 1.0] {
      var z = random.uniform(9, 26)
      while z < 80 {
        let draw = random.uniform()
        let load: Load = draw < 0.42 ? .lamp : draw < 0.88 ? .sign : .light
        let height: Double
        switch load {
        case .lamp: height = random.uniform(5, 7.5)
        case .sign: height = random.uniform(2.3, 2.9)
        case .light: height = random.uniform(3, 3.7)
        }
        posts.append(
          StreetPost(
            load: load, side: side, offset: roadHalf + random.uniform(0.3, 0.8), z: z,
            height: height))
        z += random.uniform(14, 42)
      }
      if let crossing, random.uniform() < 0.22 {
        posts.append(
          StreetPost(
            load: .light, side: side, offset: roadHalf + 0.4, z: crossing + 3.5,
            height: random.uniform(3, 3.5)))
      }
    }
    return posts
  }
}
