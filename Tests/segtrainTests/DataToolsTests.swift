import Glibc
import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// `data check` on a folder with every kind of damage, `data split`, and the cache of decoded samples.
  @Suite struct DataToolsTests {
    /// What is done to two of 200 pairs, and what has to be said of it.
    private struct Damage: Sendable {
      var kind: String
      /// Whether the image is accused, else the label.
      var isImage: Bool
      /// New bytes of the accused file from its old ones; nil removes the other file of the pair.
      var change: @Sendable ([UInt8]) throws -> [UInt8]?
    }

    @Sendable private static func cut(_ bytes: [UInt8]) -> [UInt8] {
      Array(bytes.prefix(bytes.count / 2))
    }
    @Sendable private static func flipped(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      bytes[bytes.count * 2 / 3] ^= 0x10
      return bytes
    }

    /// Pairs with an odd number have JPEG images, those with an even one PNG.
    private static let damages: [Damage] = [
      Damage(kind: "decode_error", isImage: true, change: cut),
      Damage(kind: "decode_error", isImage: false, change: cut),
      Damage(kind: "decode_error", isImage: false, change: flipped),
      Damage(kind: "decode_error", isImage: true, change: { _ in [] }),
      Damage(kind: "decode_error", isImage: false, change: { _ in [] }),
      Damage(kind: "decode_error", isImage: true, change: { _ in Array("not a picture\n".utf8) }),
      Damage(kind: "decode_error", isImage: false, change: { _ in Array("not a label\n".utf8) }),
      Damage(
        kind: "size_mismatch", isImage: false,
        change: { _ in try Pictures.label(1, height: 32, width: 47, changing: [(3, 3, 2)]) }),
      Damage(kind: "label_mode", isImage: false, change: { _ in Pictures.deepGray }),
      Damage(kind: "label_mode", isImage: false, change: { _ in Pictures.jpeg }),
      Damage(
        kind: "label_mode", isImage: false,
        change: { _ in
          try PNGEncoder.encode(Raster(height: 32, width: 48, color: RGB(1, 2, 3)))
        }),
      Damage(
        kind: "label_value", isImage: false,
        change: { _ in try Pictures.label(1, changing: [(47, 31, 77)]) }),
      Damage(kind: "missing_pair", isImage: true, change: { _ in nil }),
      Damage(kind: "missing_pair", isImage: false, change: { _ in nil }),
    ]

    private func label(_ index: Int) throws -> LabelMap {
      var rng = CounterRNG(seed: 1, stream: UInt64(index))
      let pixels = (0..<32 * 48).map { _ -> UInt8 in
        let value = rng.integer(in: 0..<6)
        return value == 5 ? 255 : UInt8(value)
      }
      return LabelMap(height: 32, width: 48, pixels: pixels)
    }

    private func picture(_ index: Int) throws -> [UInt8] {
      if index % 2 == 1 { return Pictures.jpeg }
      var rng = CounterRNG(seed: 2, stream: UInt64(index))
      var picture = Raster(height: 32, width: 48, color: RGB(0, 0, 0))
      for place in picture.pixels.indices { picture.pixels[place] = UInt8(rng.next() >> 56) }
      return try PNGEncoder.encode(picture)
    }

    /// - Returns: `kind file` of each damaged pair.
    private func fill(_ shop: Workshop, pairs: Int, damages: [Damage]) throws -> Set<String> {
      for folder in ["own/images/train", "own/masks/train"] {
        try FileSystem.standard.makeDirectories(shop[folder])
      }
      var expected = Set<String>()
      for index in 0..<pairs {
        let image = "own/images/train/\(1000 + index)." + (index % 2 == 1 ? "jpg" : "png")
        let mask = "own/masks/train/\(1000 + index).png"
        try AtomicFile.write(picture(index), to: shop[image])
        try AtomicFile.write(PNGEncoder.encode(label(index)), to: shop[mask])
        // Two of each kind, one beside a PNG and one beside a JPEG.
        guard index % 7 == 0, index / 7 < 2 * damages.count else { continue }
        let damage = damages[index / 7 / 2]
        let (accused, other) = damage.isImage ? (image, mask) : (mask, image)
        expected.insert("\(damage.kind) \(accused)")
        if let bytes = try damage.change(InputFile.contents(of: shop[accused])) {
          try AtomicFile.write(bytes, to: shop[accused])
        } else {
          try FileSystem.standard.removeFile(shop[other])
        }
      }
      return expected
    }

    private static let own: [(String, String)] = [
      (
        "data",
        #"{"layout":"folders","root":"own","validation":"train","classes":[{"name":"a","color":[0,0,0]},"#
          + #"{"name":"b","color":[1,0,0]},{"name":"c","color":[2,0,0]},{"name":"d","color":[3,0,0]},"#
          + #"{"name":"e","color":[4,0,0]}]}"#
      )
    ]

    @Test func damagedFilesAreNamedAndNoOthers() throws {
      let shop = try Workshop(train: 1, val: 0)
      let expected = try fill(shop, pairs: 200, damages: Self.damages)
      #expect(expected.count == 2 * Self.damages.count)
      try shop.configure(Self.own)
      let done = try shop.segtrain(["data", "check", "--config", "config.json", "--json"])
      #expect(done.exit == .badData, "\(done.errors)")
      guard case .array(let problems)? = try done.json["problems"] else {
        Issue.record("no problems")
        return
      }
      let found = problems.map { problem -> String in
        guard case .string(let kind)? = problem["kind"], case .string(let file)? = problem["file"]
        else { return "\(problem)" }
        return "\(kind) \(file)"
      }
      #expect(found.count == expected.count)
      #expect(Set(found).subtracting(expected) == [] && expected.subtracting(found) == [])
    }

    @Test func splitTrainsAndTheCacheChangesNothing() throws {
      let shop = try Workshop(train: 1, val: 0)
      _ = try fill(shop, pairs: 20, damages: [])
      try shop.configure(
        Self.own + DeterminismTests.headOnly + [
          ("data.images", "\"images/train\""), ("data.masks", "\"masks/train\""),
          ("data.list", "\"lists/{split}.txt\""), ("data.validation", "\"val\""),
          ("data.size", "[24,40]"), ("training.iterations", "9"), ("data.workers", "2"),
          ("augment.crop_size", "[24,32]"), ("augment.flip", "0.5"),
        ])
      let line = ["data", "split", "--config", "config.json", "--out", "own/lists", "--stratify"]
      let done = try shop.segtrain(line + ["--json"])
      #expect(done.status == 0 && done.errors == "", "\(done.errors)")
      guard case .array(let splits)? = try done.json["splits"] else {
        Issue.record("no splits")
        return
      }
      #expect(splits.map { $0["samples"]?.integer } == [14, 2, 4])
      let again = try shop.segtrain(line)
      #expect(again.exit == .io && again.errors.contains("is there already"), "\(again.errors)")
      #expect(try shop.segtrain(line + ["--force"]).status == 0)
      let both = try shop.segtrain(line + ["--images", "own", "--masks", "own"])
      #expect(both.exit == .usage, "\(both.errors)")

      #expect(try shop.train("a").status == 0)
      #expect(try shop.train("b", ["--set", "data.cache_mb=1"]).status == 0)
      func weights(_ run: String) throws -> [UInt8] {
        try InputFile.contents(
          of: shop["\(run)/run/checkpoints/step_0000009/optimizer.safetensors"])
      }
      #expect(try weights("a") == weights("b"))
      #expect(
        try shop.json("b/run/env.json")["planned_bytes"]?["samples kept decoded"]?.integer
          == 14 * 4 * 24 * 40)
    }

    /// Reading, scoring and writing leave nothing behind: the labels of 50 pictures would be 1 % already.
    @Test func predictionStaysInItsMemory() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly)
      #expect(try shop.train("a").status == 0)
      try makeStreets(root: shop["many"], size: (height: 96, width: 128), counts: (60, 0, 0))
      let program = try Program(
        [
          "predict", "--checkpoint", "a/run", "--out", "out", "many/train", "--save",
          "index,confidence",
        ], in: shop.path)
      // Peaks in kilobytes by pictures that are done.
      var peaks: [Int: Int] = [:]
      program.wait {
        if let status = try? InputFile.text(of: "/proc/\(program.process)/status"),
          let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
          let peak = Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
        {
          let next = (0..<60).first {
            let number = $0 < 10 ? "000\($0)" : "00\($0)"
            return !shop.exists("out/\(number)_confidence.png")
          }
          peaks[next ?? 60] = peak
        }
        return false
      }
      #expect(program.wait().status == 0)
      let after = peaks.keys.filter { $0 >= 10 && $0 < 20 }.min().flatMap { peaks[$0] }
      let last = peaks.keys.filter { $0 > 50 }.max().flatMap { peaks[$0] }
      let (before, end) = (try #require(after), try #require(last))
      #expect(
        Double(end) <= 1.01 * Double(before), "\(before) kB after 10 pictures, \(end) kB after 60")
    }
  }
}
