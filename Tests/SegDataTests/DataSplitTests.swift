import SegCore
import SegData
import Testing

@Suite struct DataSplitTests {
  /// Labels of `rows` by name, images beside them.
  private func folder(_ samples: [(name: String, row: [UInt8])]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, row) in samples {
      try folder.writeImage("images/\(name).png", height: 1, width: row.count)
      let label = LabelMap(height: 1, width: row.count, pixels: row)
      try folder.write(PNGEncoder.encode(label), "masks/\(name).png")
    }
    return folder
  }

  private func config(_ folder: TemporaryFolder, classes: Int = 3) -> DataConfig {
    DataConfig(
      layout: "folders", root: folder.path,
      classes: .list((0..<classes).map { ClassInfo("c\($0)", RGB(0, 0, 0)) }), images: "images",
      masks: "masks", list: "{split}.txt")
  }

  private func options(_ change: (inout DataSplit.Options) -> Void = { _ in }) -> DataSplit.Options
  {
    var options = DataSplit.Options()
    change(&options)
    return options
  }

  /// 40 names; class 0 in all, class 1 in half of them, class 2 in four.
  private static let forty: [(name: String, row: [UInt8])] = (0..<40).map { index in
    ("d\(index / 4)_\(100 + index)", [0, index % 2 == 0 ? 1 : 0, index % 10 == 3 ? 2 : 255, 0])
  }

  @Test func everySampleIsInOneSplit() throws {
    let folder = try folder(Self.forty)
    let split = try DataSplit(config(folder), options())
    #expect(split.parts.map(\.name) == ["train", "val", "test"])
    #expect(split.parts.map(\.lines.count) == [28, 4, 8])
    #expect(split.parts.flatMap(\.lines).sorted() == Self.forty.map(\.name).sorted())
    for part in split.parts { #expect(part.lines == part.lines.sorted()) }
    #expect(split.stats.splits.map(\.samples) == [28, 4, 8])
    let pixels = (0..<3).map { label in split.stats.splits.map { $0.pixels[label] }.reduce(0, +) }
    #expect(pixels == [100, 20, 4] && split.stats.splits.map(\.ignored).reduce(0, +) == 36)
  }

  @Test func theSeedDecides() throws {
    let folder = try folder(Self.forty)
    let first = try DataSplit(config(folder), options(), workers: 1)
    #expect(try first == DataSplit(config(folder), options(), workers: 3))
    #expect(try first.parts != DataSplit(config(folder), options { $0.seed = 1 }).parts)
    // Of a second implementation in Python: lists made once can be made again.
    #expect(first.parts[1].lines == ["d0_103", "d1_107", "d2_111", "d4_118"])
  }

  @Test func classesAreSpread() throws {
    let folder = try folder(Self.forty)
    for seed in 0..<8 {
      let split = try DataSplit(
        config(folder),
        options {
          $0.seed = UInt64(seed)
          $0.ratios = [0.5, 0.25, 0.25]
          $0.isStratified = true
        })
      let images = split.stats.splits.map(\.images)
      #expect(images.map { $0[2] } == [2, 1, 1])
      #expect(images.map { $0[1] } == [10, 5, 5])
      #expect(images.map { $0[0] } == [20, 10, 10])
    }
  }

  @Test(arguments: [DataSplit.Grouping.separator("_"), .prefix(2)])
  func groupsStayTogether(_ grouping: DataSplit.Grouping) throws {
    let folder = try folder(Self.forty)
    for isStratified in [false, true] {
      let split = try DataSplit(
        config(folder),
        options {
          $0.grouping = grouping
          $0.isStratified = isStratified
        })
      let drives = split.parts.map { Set($0.lines.map { $0.prefix(2) }) }
      #expect(drives.map(\.count).reduce(0, +) == 10, "no drive is in two splits")
      #expect(split.parts.map(\.groups) == drives.map(\.count))
      #expect(drives.allSatisfy { !$0.isEmpty })
    }
  }

  @Test func threeGroupsFillThreeSplits() throws {
    let folder = try folder((0..<9).map { ("p\($0 / 3)_\($0)", [0, 1]) })
    let split = try DataSplit(config(folder), options { $0.grouping = .separator("_") })
    #expect(split.parts.map(\.lines.count) == [3, 3, 3])
  }

  @Test func listsAreReadBack() throws {
    let folder = try folder(Self.forty)
    try folder.writeImage("images/with blank.jpg.png", height: 1, width: 2)
    try folder.writeLabel("masks/with blank.jpg.png", height: 1, width: 2)
    try folder.writeImage("images/upper.PNG", height: 1, width: 2)
    try folder.writeLabel("masks/upper.png", height: 1, width: 2)
    let config = config(folder)
    let split = try DataSplit(config, options())
    try split.write(to: folder.path)
    var pairs = Set<SamplePair>()
    for part in split.parts {
      let dataset = try FileDataset(config, split: part.name)
      #expect(dataset.count == part.lines.count)
      pairs.formUnion(dataset.pairs)
    }
    var all = config
    all.list = nil
    #expect(try pairs == Set(FileDataset(all, split: "").pairs) && pairs.count == 42)
    let lines = split.parts.flatMap(\.lines)
    #expect(lines.contains("images/upper.PNG\tmasks/upper.png"))
    #expect(lines.contains("images/with blank.jpg.png\tmasks/with blank.jpg.png"))
  }

  @Test func listsAreNotOverwritten() throws {
    let folder = try folder(Self.forty)
    let split = try DataSplit(config(folder), options())
    try split.write(to: folder.path + "/new/lists")
    let failure = #expect(throws: Failure.self) {
      try split.write(to: folder.path + "/new/lists")
    }
    #expect(failure?.status == .io && failure?.problem == "is there already")
    try split.write(to: folder.path + "/new/lists", force: true)
    let two = try DataSplit(config(folder), options { $0.ratios = [0.8, 0.2] })
    let stale = #expect(throws: Failure.self) {
      try two.write(to: folder.path + "/new/lists", force: true)
    }
    #expect(stale?.problem == "is of another split: 2 ratios make no test.txt")
  }

  @Test func foldersAlone() throws {
    let folder = try folder([("a", [7, 9]), ("b", [7, 255]), ("c", [9, 9])])
    let data = DataSplit.config(images: folder.path + "/images", masks: folder.path + "/masks")
    let split = try DataSplit(data, options())
    #expect(split.stats.splits.map(\.samples) == [1, 1, 1])
    guard case .array(let splits)? = split.json["splits"],
      case .array(let classes)? = splits[0]["classes"]
    else {
      Issue.record("no classes")
      return
    }
    #expect(classes.map { $0["name"] } == [.string("value 7"), .string("value 9")])
    #expect(split.text.contains("value 7"))
  }

  static let wrong: [(change: @Sendable (inout DataSplit.Options) -> Void, problem: String)] = [
    (
      { $0.ratios = [0.7, 0.2] },
      "expected two or three shares above 0 that add up to 1 (train, val, test), found 0.7,0.2"
    ),
    (
      { $0.ratios = [1, 0] },
      "expected two or three shares above 0 that add up to 1 (train, val, test), found 1.0,0.0"
    ),
    ({ $0.grouping = .prefix(0) }, "expected a prefix of 1 or more, found 0"),
    ({ $0.grouping = .prefix(9) }, "the name is shorter than the prefix of 9 that groups samples"),
    ({ $0.grouping = .separator("-") }, "no \"-\" in this name, which groups samples"),
    ({ $0.grouping = .prefix(1) }, "1 group for 3 splits"),
  ]

  @Test(arguments: wrong.indices)
  func wrongOptions(_ index: Int) throws {
    let folder = try folder(Array(Self.forty.prefix(8)))
    let failure = #expect(throws: Failure.self) {
      try DataSplit(config(folder), options(Self.wrong[index].change))
    }
    #expect(failure?.problem == Self.wrong[index].problem)
  }

  @Test func filesThatCannotBeUsed() throws {
    let folder = try folder(Self.forty)
    try folder.writeLabel("masks/d0_100.png", height: 1, width: 4, value: 9)
    try folder.writeImage("images/lonely.png")
    let failure = #expect(throws: Failure.self) { try DataSplit(config(folder), options()) }
    #expect(failure?.status == .badData)
    #expect(failure?.problem.hasPrefix("image without label") == true)
    #expect(failure?.problem.hasSuffix("(and 1 more problems)") == true)
    var other = config(folder)
    other.images = "images/{split}"
    #expect(throws: Failure.self) { try DataSplit(other, options()) }
    let streets = DataConfig(layout: "streets", root: folder.path)
    #expect(throws: Failure.self) { try DataSplit(streets, options()) }
  }
}
