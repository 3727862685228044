import Foundation
import SegCore
import SegData
import Testing

@Suite struct FileDatasetTests {
  static let two = DataConfig.Classes.list([
    ClassInfo("background", RGB(0, 0, 0)), ClassInfo("thing", RGB(255, 0, 0)),
  ])

  @Test func camvidPairsByName() throws {
    let folder = try TemporaryFolder()
    for name in ["b.png", "a.png", "c10.png", "c9.png"] {
      try folder.writeImage("train/\(name)")
      try folder.writeLabel("trainannot/\(name)", value: 11)
    }
    try folder.write([1], "train/notes.txt")
    try folder.write([1], "train/.hidden.png")
    let dataset = try FileDataset(
      DataConfig(layout: "camvid", root: folder.path), split: "train")
    #expect(
      (0..<dataset.count).map { dataset.imagePath(at: $0) }
        == ["a", "b", "c10", "c9"].map { "\(folder.path)/train/\($0).png" })
    #expect(dataset.labelPath(at: 3) == "\(folder.path)/trainannot/c9.png")
    #expect(dataset.classes.count == 11 && dataset.ignoreIndex == 255)
    let sample = try dataset.load(at: 0)
    #expect(sample.label.pixels.allSatisfy { $0 == 255 })
    #expect(sample.image.pixels.prefix(3) == [1, 2, 3])
    #expect(try dataset.storedLabel(at: 0).pixels.allSatisfy { $0 == 11 })
  }

  @Test func foldersPairByStemWithPatterns() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("rgb-val/x/b.jpeg")
    try folder.writeImage("rgb-val/x/a.PNG")
    try folder.writeLabel("gt/val/a.png")
    try folder.writeLabel("gt/val/b.png")
    let config = DataConfig(
      layout: "folders", root: folder.path, classes: Self.two, images: "rgb-{split}/x",
      masks: "\(folder.path)/gt/{split}")
    let dataset = try FileDataset(config, split: "val")
    #expect(dataset.count == 2)
    #expect(dataset.imagePath(at: 0).hasSuffix("rgb-val/x/a.PNG"))
    #expect(dataset.labelPath(at: 1).hasSuffix("gt/val/b.png"))
    _ = try dataset.load(at: 1)
  }

  @Test func streetsLieLikeCamvid() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("val/s.png")
    try folder.writeLabel("valannot/s.png", value: 9)
    let dataset = try FileDataset(DataConfig(layout: "streets", root: folder.path), split: "val")
    #expect(dataset.classes.last?.name == "bicycle")
    #expect(try dataset.load(at: 0).label.pixels.first == 9)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var images: [String]
    var labels: [String]
    var status: SegCore.ExitStatus
    var place: String
    var problem: String
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(
      name: "image without label", images: ["scene_01.png", "other.png"],
      labels: ["other.png", "scene_1.png"], status: .inputMissing, place: "train/scene_01.png",
      problem: "image without label: looked for ROOT/trainannot/scene_01.png (near it: scene_1)"),
    Case(
      name: "images without labels", images: ["aaaa.png", "bbbb.png", "cccc.png"],
      labels: ["cccc.png"], status: .inputMissing, place: "train/aaaa.png",
      problem: "image without label: looked for ROOT/trainannot/aaaa.png (and 1 more like it)"),
    Case(
      name: "label without image", images: ["aaaa.png"], labels: ["aaaa.png", "zzzz.png"],
      status: .inputMissing, place: "trainannot/zzzz.png",
      problem: "label without image: looked for ROOT/train/zzzz.{png,jpg,jpeg}"),
    Case(
      name: "two of one stem", images: ["a.jpg", "a.png"], labels: ["a.png"], status: .badData,
      place: "train", problem: "two images of one name: a.jpg and a.png"),
    Case(
      name: "no images", images: ["a.bmp"], labels: ["a.png"], status: .inputMissing,
      place: "train", problem: "no images (.png, .jpg, .jpeg) among its 1 files"),
    Case(
      name: "no label folder", images: ["a.png"], labels: [], status: .inputMissing,
      place: "trainannot", problem: "no such folder (near it: train)"),
  ]

  @Test(arguments: cases)
  func foldersThatDoNotFit(_ test: Case) throws {
    let folder = try TemporaryFolder()
    for name in test.images { try folder.writeImage("train/\(name)") }
    for name in test.labels { try folder.writeLabel("trainannot/\(name)") }
    let failure = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "camvid", root: folder.path), split: "train")
    }
    #expect(failure?.status == test.status)
    #expect(failure?.place == "\(folder.path)/\(test.place)")
    let problem = test.problem.split(separator: "ROOT", omittingEmptySubsequences: false)
    #expect(failure?.problem == problem.joined(separator: folder.path))
  }

  @Test func missingRootsAreNamed() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("camvid/train/a.png")
    let typo = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "camvid", root: folder.path + "/camvid"), split: "trian")
    }
    #expect(typo?.place == "\(folder.path)/camvid/trian")
    #expect(typo?.problem == "no such folder (near it: train)")
    let nothing = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "camvid", root: folder.path + "/no/data"), split: "train")
    }
    #expect(nothing?.problem == "no such folder, nor \(folder.path)/no/data")
    let far = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "camvid", root: folder.path), split: "validation")
    }
    #expect(far?.problem == "no such folder; \(folder.path) has camvid")
  }

  static let configs: [(DataConfig, String, String)] = [
    (
      DataConfig(layout: "camvit", root: "x"), "data.layout",
      "no layout \"camvit\" (near it: camvid); there are "
        + datasetLayouts.map(\.name).joined(separator: ", ")
    ),
    (
      DataConfig(layout: "folders", root: "x"), "data.classes",
      "layout \"folders\" has no classes of its own"
    ),
    (
      DataConfig(layout: "folders", root: "x", classes: .table("camvid12")), "data.classes",
      "no class table \"camvid12\" (near it: camvid11); there are "
        + classTables.map(\.name).joined(separator: ", ")
    ),
    (
      DataConfig(layout: "folders", root: "x", classes: .list([])), "data.classes",
      "expected 1 to 256 classes, found 0"
    ),
  ]

  @Test(arguments: configs)
  func configsThatCannotBe(_ config: DataConfig, _ place: String, _ problem: String) {
    let failure = #expect(throws: Failure.self) { try FileDataset(config, split: "train") }
    #expect(failure?.status == .badConfig)
    #expect(failure?.place == place)
    #expect(failure?.problem == problem)
  }

  @Test func sizesMustAgree() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("train/a.png", height: 4, width: 6)
    try folder.writeLabel("trainannot/a.png", height: 4, width: 5)
    let dataset = try FileDataset(DataConfig(layout: "camvid", root: folder.path), split: "train")
    let failure = #expect(throws: Failure.self) { try dataset.load(at: 0) }
    #expect(failure?.place == "\(folder.path)/trainannot/a.png")
    #expect(failure?.problem == "label is 5x4, its image \(folder.path)/train/a.png is 6x4")
  }

  @Test func foregroundThatIsIgnoredIsFound() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try folder.writeImage("images/train/\(name).png")
      try folder.writeLabel("masks/train/\(name).png", value: name == "a" ? 0 : 255)
    }
    var config = DataConfig(layout: "folders", root: folder.path, classes: Self.two)
    let failure = #expect(throws: Failure.self) {
      try FileDataset(config, split: "train").checkBinaryMasks()
    }
    #expect(failure?.place == "\(folder.path)/masks/train")
    #expect(failure?.hint?.contains("\"label_map\": {\"255\": 1}") == true)
    config.labelMap = [LabelMapping(stored: 255, target: .index(1))]
    try FileDataset(config, split: "train").checkBinaryMasks()
    config.labelMap = nil
    try folder.writeLabel("masks/train/a.png", value: 1)
    try FileDataset(config, split: "train").checkBinaryMasks()
  }

  @Test(.enabled(if: SharedData.has("camvid/val"), "no ../shared/data"))
  func camvidItself() throws {
    let config = DataConfig(layout: "camvid", root: SharedData.path("camvid"))
    #expect(try FileDataset(config, split: "train").count == 367)
    let dataset = try FileDataset(config, split: "val")
    #expect(dataset.count == 101)
    let sample = try dataset.load(at: 50)
    #expect(sample.image.height == 360 && sample.image.width == 480)
    #expect(sample.label.pixels.allSatisfy { $0 < 11 || $0 == 255 })
    #expect(Set(sample.label.pixels).count > 5)
    try dataset.checkBinaryMasks()
  }

  @Test(.enabled(if: SharedData.has("class_tables"), "no ../shared/data"))
  func camvidsTableIsTheOfficialOne() throws {
    let rows = try SharedData.table("class_tables/camvid11.tsv").dropFirst()
    let expected = rows.prefix(11).map { [$0[1], $0[2], $0[3], $0[4]] }
    #expect(
      ClassTable.camvid11.classes.map {
        [$0.name, "\($0.color.red)", "\($0.color.green)", "\($0.color.blue)"]
      } == expected)
  }

  /// A layout or a class table in a file of its own must be in the list that makes it reachable.
  @Test func everyFileIsRegistered() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/SegData/Datasets").standardized
    func names(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(
        atPath: sources.appending(path: folder).path
      )
      .filter { $0.hasSuffix(".swift") && $0 != "ClassTable.swift" }
      .map { $0.dropLast(6).lowercased() }.sorted()
    }
    func plain(_ names: [String]) -> [String] { names.map { $0.replacing("_", with: "") }.sorted() }
    #expect(try names("Layouts") == plain(datasetLayouts.map(\.name)))
    #expect(try names("ClassTables") == plain(classTables.map(\.name)))
  }
}
