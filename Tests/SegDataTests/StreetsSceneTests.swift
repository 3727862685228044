import SegData
import Testing

@Suite struct StreetsSceneTests {
  /// FNV-1a over image and labels.
  static func hash(_ scene: StreetScene) -> UInt64 {
    (scene.image + scene.labels).reduce(0xCBF2_9CE4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
  }

  @Test func sameBytesOnAnyThread() async {
    let expected = (0..<4).map { Self.hash(StreetScene(seed: 5, split: "val", index: $0)) }
    let found = await withTaskGroup(of: (Int, UInt64).self) { group in
      for index in (0..<4).reversed() {
        group.addTask { (index, Self.hash(StreetScene(seed: 5, split: "val", index: index))) }
      }
      var hashes = [UInt64](repeating: 0, count: 4)
      for await (index, hash) in group { hashes[index] = hash }
      return hashes
    }
    #expect(found == expected)
    #expect(Set(expected).count == 4)
  }

  @Test func bytesAreThoseOfThisVersion() {
    let hash = Self.hash(StreetScene(seed: 1, split: "train", index: 0))
    #expect(
      hash == 17_958_173_548_224_411_989,
      "the pictures changed: raise StreetScene.version, then this number")
    #expect(StreetScene.version == 1)
  }

  @Test func everyArgumentCounts() {
    let scenes = [
      StreetScene(seed: 1, split: "train", index: 0),
      StreetScene(seed: 2, split: "train", index: 0),
      StreetScene(seed: 1, split: "val", index: 0), StreetScene(seed: 1, split: "train", index: 1),
    ]
    #expect(Set(scenes.map(Self.hash)).count == scenes.count)
  }

  @Test func classSharesAreUnequalAsIntended() {
    var counts = [Int](repeating: 0, count: 256)
    let scenes = 64
    for index in 0..<scenes {
      for label in StreetScene(seed: 1, split: "train", index: index).labels {
        counts[Int(label)] += 1
      }
    }
    let total = Double(scenes * 128 * 192)
    // Percent of all pixels.
    let ranges: [(StreetClass, ClosedRange<Double>)] = [
      (.sky, 8...20), (.road, 33...50), (.building, 18...38), (.vegetation, 6...15), (.car, 3...9),
      (.pedestrian, 0.4...1.1), (.pole, 0.4...0.9), (.sign, 0.08...0.25), (.light, 0.03...0.15),
      (.bicycle, 0.01...0.1),
    ]
    for (kind, range) in ranges {
      let share = 100 * Double(counts[Int(kind.rawValue)]) / total
      #expect(range.contains(share), "\(kind): \(share) %")
    }
    let ignored = 100 * Double(counts[Int(StreetClass.ignoreIndex)]) / total
    #expect((0.7...2.2).contains(ignored), "ignored: \(ignored) %")
    let known = StreetClass.allCases.map { Int($0.rawValue) } + [Int(StreetClass.ignoreIndex)]
    #expect(known.map { counts[$0] }.reduce(0, +) == scenes * 128 * 192)
    #expect(counts[Int(StreetClass.bicycle.rawValue)] == counts[0..<10].min())
  }

  @Test func colourAloneDoesNotDecide() {
    // The best guess from a pixel's colour (16 levels a channel) must stay well below certainty.
    var votes: [Int: [Int]] = [:]
    for index in 0..<24 {
      let scene = StreetScene(seed: 3, split: "train", index: index)
      for (pixel, label) in scene.labels.enumerated() where label != StreetClass.ignoreIndex {
        let key = (0..<3).reduce(0) { $0 << 4 | Int(scene.image[3 * pixel + $1] >> 4) }
        votes[key, default: [Int](repeating: 0, count: 10)][Int(label)] += 1
      }
    }
    let right = votes.values.map { $0.max() ?? 0 }.reduce(0, +)
    let all = votes.values.map { $0.reduce(0, +) }.reduce(0, +)
    let accuracy = Double(right) / Double(all)
    #expect((0.45...0.85).contains(accuracy), "colour alone gives \(accuracy)")
  }

  @Test(arguments: [(8, 8), (33, 97), (64, 96), (200, 90), (360, 480)])
  func anySize(height: Int, width: Int) {
    for index in 0..<3 {
      let scene = StreetScene(seed: 9, split: "test", index: index, height: height, width: width)
      #expect(scene.image.count == height * width * 3 && scene.labels.count == height * width)
      #expect(scene.labels.allSatisfy { $0 < 10 || $0 == 255 })
      #expect(Set(scene.labels).count > 2)
    }
  }

  @Test func namesAreTheClassTables() {
    #expect(ClassTable.streets10.classes.map(\.name) == StreetClass.allCases.map { "\($0)" })
    #expect(StreetClass.palette.prefix(10) == ClassTable.streets10.classes.map(\.color)[...])
    #expect(StreetClass.palette.count == 256)
  }
}
