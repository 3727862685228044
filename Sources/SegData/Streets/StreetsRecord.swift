import FoundationEssentials
import SegCore

/// What a folder of street scenes was made from: the file `streets.json` at its root.
struct StreetsRecord: Codable, Equatable {
  var version: Int
  var seed: UInt64
  var height: Int
  var width: Int
  var train: Int
  var val: Int
  var test: Int
  /// False while files are being written, so that an interrupted set is not taken for a whole one.
  var complete: Bool

  static func path(root: String) -> String { Folder.join(root, "streets.json") }

  /// Splits with their scene counts, in the order they are written.
  var splits: [(name: String, count: Int)] { [("train", train), ("val", val), ("test", test)] }

  /// Every file of the set, relative to the root: images and, beside them, labels.
  func files() -> [(split: String, index: Int, image: String, label: String)] {
    splits.flatMap { split in
      (0..<split.count).map { index in
        let name = Self.fileName(index)
        return (split.name, index, "\(split.name)/\(name)", "\(split.name)annot/\(name)")
      }
    }
  }

  /// `0007.png`.
  static func fileName(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits + ".png"
  }

  /// Whether `fileName` could have made `name`.
  static func isSceneName(_ name: String) -> Bool {
    guard name.hasSuffix(".png"), let index = Int(name.dropLast(4)) else { return false }
    return index >= 0 && fileName(index) == name
  }

  var json: JSONValue {
    .fields([
      "about": .string("street scenes drawn by segtrain"), "version": .integer(version),
      "seed": .integer(Int(truncatingIfNeeded: seed)), "height": .integer(height),
      "width": .integer(width), "train": .integer(train), "val": .integer(val),
      "test": .integer(test), "complete": .bool(complete),
    ])
  }

  /// In words: what makes two sets different.
  var summary: String {
    "seed \(seed), \(width)x\(height), \(train) + \(val) + \(test) scenes, version \(version)"
  }

  /// The record at `root`; nil where there is none.
  static func read(root: String) throws -> StreetsRecord? {
    let path = path(root: root)
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch let failure as Failure where failure.status == .inputMissing {
      return nil
    }
    do {
      return try JSONDecoder().decode(StreetsRecord.self, from: Data(bytes))
    } catch {
      throw Failure(
        .badData, path, "not a record of street scenes",
        hint: "choose another folder, or overwrite this one with --force")
    }
  }
}
