import Foundation
import SegCore
import SegData
import Testing

@Suite struct StreetsFilesTests {
  /// A folder of its own that is gone afterwards.
  private func withRoot(_ body: (String) throws -> Void) throws {
    let root = NSTemporaryDirectory() + "/streets-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try body(root)
  }

  private static let size = (height: 24, width: 40)

  private func make(
    _ root: String, seed: UInt64 = 7, test: Int = 1, force: Bool = false
  ) throws -> StreetsOutcome {
    try makeStreets(
      root: root, seed: seed, size: Self.size, counts: (train: 3, val: 2, test: test), force: force)
  }

  private func files(_ root: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.contains(".") }.sorted()
  }

  @Test func filesReadBackEqual() throws {
    try withRoot { root in
      var seen: [String] = []
      let outcome = try makeStreets(
        root: root, seed: 7, size: Self.size, counts: (train: 3, val: 2, test: 1)
      ) { seen.append("\($0)/\($1)") }
      #expect(outcome == .written(6))
      #expect(seen == ["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"])
      for (split, count) in [("train", 3), ("val", 2), ("test", 1)] {
        let data = try FileDataset(DataConfig(layout: "streets", root: root), split: split)
        #expect(data.count == count)
        for index in 0..<count {
          let scene = StreetScene(seed: 7, split: split, index: index, height: 24, width: 40)
          let sample = try data.load(at: index)
          #expect(sample.image.pixels == scene.image)
          #expect(sample.label.pixels == scene.labels)
          let stored = try data.storedLabel(at: index)
          #expect(stored.palette == StreetClass.palette && stored.bitDepth == 8)
        }
      }
      #expect(
        try String(contentsOfFile: root + "/streets.json", encoding: .utf8) == """
          {
            "about": "street scenes drawn by segtrain",
            "version": 1,
            "seed": 7,
            "height": 24,
            "width": 40,
            "train": 3,
            "val": 2,
            "test": 1,
            "complete": true
          }

          """)
    }
  }

  @Test func sameSetIsKept() throws {
    try withRoot { root in
      _ = try make(root)
      let file = root + "/train/0001.png"
      try Data([1]).write(to: URL(fileURLWithPath: file))
      #expect(try make(root) == .kept)
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([1]))
    }
  }

  @Test func incompleteSetIsFinished() throws {
    try withRoot { root in
      _ = try make(root)
      try FileManager.default.removeItem(atPath: root + "/valannot/0001.png")
      #expect(try make(root) == .written(6))
      #expect(FileManager.default.fileExists(atPath: root + "/valannot/0001.png"))
      // Interrupted: every file is there, but the record says that writing had not ended.
      let path = root + "/streets.json"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacingOccurrences(of: "true", with: "false")
        .write(toFile: path, atomically: true, encoding: .utf8)
      #expect(try make(root) == .written(6))
      #expect(try make(root) == .kept)
    }
  }

  @Test func anotherSetIsAnErrorUnlessForced() throws {
    try withRoot { root in
      _ = try make(root, test: 4)
      let before = try files(root)
      let error = #expect(throws: Failure.self) { _ = try make(root, seed: 8) }
      #expect(
        error
          == Failure(
            .io, root,
            "already holds street scenes of seed 7, 40x24, 3 + 2 + 4 scenes, version 1; "
              + "wanted seed 8, 40x24, 3 + 2 + 1 scenes, version 1",
            hint: "choose another folder, or overwrite this one with --force"))
      #expect(try files(root) == before)
      // Notes of the user survive, scenes of the larger set do not.
      try Data("x".utf8).write(to: URL(fileURLWithPath: root + "/test/notes.txt"))
      #expect(try make(root, seed: 8, force: true) == .written(6))
      #expect(try files(root).contains("test/notes.txt"))
      #expect(try !files(root).contains("test/0001.png"))
      #expect(try files(root).count == 6 * 2 + 2)
    }
  }

  @Test func foreignFilesAreLeftAlone() throws {
    try withRoot { root in
      try FileManager.default.createDirectory(
        atPath: root + "/trainannot", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: root + "/trainannot/mine.png"))
      let error = #expect(throws: Failure.self) { _ = try make(root) }
      #expect(error?.place == root + "/trainannot")
      #expect(error?.problem == "already holds 1 files that are no street scenes on record")
      try Data("{".utf8).write(to: URL(fileURLWithPath: root + "/streets.json"))
      let broken = #expect(throws: Failure.self) { _ = try make(root) }
      #expect(broken?.problem == "not a record of street scenes")
    }
  }

  @Test(arguments: [
    (0, 0, 0, 24, 40, "at least one scene, found 0, 0, 0"),
    (-1, 2, 0, 24, 40, "found -1, 2, 0"),
    (1, 1, 1, 7, 40, "found 7 and 40"),
    (1, 1, 1, 24, 5000, "found 24 and 5000"),
  ])
  func badArguments(
    train: Int, val: Int, test: Int, height: Int, width: Int, message: String
  ) throws {
    try withRoot { root in
      let error = #expect(throws: Failure.self) {
        try makeStreets(
          root: root, size: (height, width), counts: (train: train, val: val, test: test))
      }
      #expect(error?.status == .usage && error?.problem.contains(message) == true)
      #expect(!FileManager.default.fileExists(atPath: root))
    }
  }

  @Test func seedBeyondTheRecordIsRefused() throws {
    try withRoot { root in
      let error = #expect(throws: Failure.self) { try makeStreets(root: root, seed: .max) }
      #expect(error?.problem == "expected a seed below 2^63, found 18446744073709551615")
    }
  }

  @Test func unwritableFolder() throws {
    let error = #expect(throws: Failure.self) { _ = try make("/proc/streets") }
    #expect(error?.status == .io && error?.place.hasPrefix("/proc/streets") == true)
  }
}
