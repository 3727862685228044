import SegCore
import SegData
import Testing

@Suite struct FolderListTests {
  static let two = FileDatasetTests.two

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for stem in ["a", "b", "c"] {
      try folder.writeImage("imgs/\(stem)_img.png")
      try folder.writeLabel("gts/\(stem)_gt.png", value: 1)
    }
    try folder.writeLabel("gts/other.png")
    return folder
  }

  private func config(_ folder: TemporaryFolder, list: String?) -> DataConfig {
    DataConfig(
      layout: "folders", root: folder.path, classes: Self.two, images: "imgs/{name}_img.png",
      masks: "gts/{name}_gt.png", list: list)
  }

  @Test func namesWithinFileNames() throws {
    let folder = try folder()
    let dataset = try FileDataset(config(folder, list: nil), split: "any")
    #expect(
      dataset.pairs.map { $0.label.split(separator: "/").last } == [
        "a_gt.png", "b_gt.png", "c_gt.png",
      ])
    var jpeg = config(folder, list: nil)
    jpeg.images = "imgs/{name}_img.jpg"
    let failure = #expect(throws: Failure.self) { try FileDataset(jpeg, split: "any") }
    #expect(failure?.problem == "no images (_img.jpg) among its 3 files")
  }

  @Test func aListNamesTheSamples() throws {
    let folder = try folder()
    try folder.write(Array("# chosen\nc\na.png  # and why\n".utf8), "lists/train.txt")
    let dataset = try FileDataset(config(folder, list: "lists/{split}.txt"), split: "train")
    #expect(
      dataset.pairs.map { $0.image.split(separator: "/").last } == ["c_img.png", "a_img.png"])
    #expect(try dataset.load(at: 1).label.pixels.first == 1)
  }

  @Test func aListNamesTheFiles() throws {
    let folder = try folder()
    let text = "imgs/a_img.png gts/b_gt.png\n\(folder.path)/imgs/b_img.png\tgts/other.png\n"
    try folder.write(Array(text.utf8), "train.lst")
    let dataset = try FileDataset(config(folder, list: "{split}.lst"), split: "train")
    #expect(dataset.labelPath(at: 0) == "\(folder.path)/gts/b_gt.png")
    #expect(dataset.imagePath(at: 1) == "\(folder.path)/imgs/b_img.png")
  }

  static let broken: [(text: String, place: String, problem: String)] = [
    ("a\nd\n", "imgs/d_img.png", "no such image; d is in line 2 of ROOT/train.txt"),
    ("a\nother\n", "imgs/other_img.png", "no such image; other is in line 2 of ROOT/train.txt"),
    ("a\nb\na\n", "train.txt:3", "a is listed twice, first in line 1"),
    ("\n# nothing\n", "train.txt", "the list names no sample"),
    (
      "a b c\n", "train.txt:1", "expected a name, or an image and its label, found 3 fields"
    ),
  ]

  @Test(arguments: broken)
  func brokenListsAreNamed(_ test: (text: String, place: String, problem: String)) throws {
    let folder = try folder()
    try folder.write(Array(test.text.utf8), "train.txt")
    let failure = #expect(throws: Failure.self) {
      try FileDataset(config(folder, list: "{split}.txt"), split: "train")
    }
    #expect(failure?.place == "\(folder.path)/\(test.place)")
    #expect(failure?.problem == test.problem.replacing("ROOT", with: folder.path))
  }

  @Test(.enabled(if: SharedData.has("labels/pseudo_dataset"), "no ../shared/data"))
  func aRealListOfFourBitLabels() throws {
    let config = DataConfig(
      layout: "folders", root: SharedData.path("labels/pseudo_dataset"),
      classes: .list((0..<16).map { ClassInfo("\($0)", ClassColors.spread($0)) }),
      images: "imgs/{name}_img.jpg", masks: "gts/{name}_gt.png", list: "splits/{split}.txt")
    let counts = try ["train", "val"].map { try FileDataset(config, split: $0).count }
    #expect(counts == [4, 1])
    let sample = try FileDataset(config, split: "val").load(at: 0)
    #expect(sample.label.pixels.allSatisfy { $0 < 16 })
  }

  /// ADE20K counts its classes from 1, and 0 is none of them.
  @Test(.enabled(if: SharedData.has("labels/ade20k"), "no ../shared/data"))
  func realLabelsThatCountFromOne() throws {
    let config = DataConfig(
      layout: "folders", root: SharedData.path("labels/ade20k"),
      classes: .list((0..<150).map { ClassInfo("\($0)", ClassColors.spread($0)) }),
      labelMap: [LabelMapping(stored: 0, target: .ignore)]
        + (1...150).map { LabelMapping(stored: $0, target: .index($0 - 1)) },
      images: "images", masks: "annotations")
    let dataset = try FileDataset(config, split: "all")
    #expect(dataset.count == 3)
    #expect(
      Set(try dataset.load(at: 2).label.pixels) == [
        0, 1, 2, 4, 6, 11, 20, 43, 80, 87, 96, 102, 255,
      ])
  }

  @Test(
    .enabled(if: SharedData.has("labels/pseudo_lip_dataset"), "no ../shared/data"),
    arguments: ["train", "val"])
  func realFoldersNamedAfterTheSplit(_ split: String) throws {
    let config = DataConfig(
      layout: "folders", root: SharedData.path("labels/pseudo_lip_dataset"),
      classes: .list((0..<20).map { ClassInfo("\($0)", ClassColors.spread($0)) }),
      images: "{split}_images", masks: "{split}_segmentations")
    let sample = try FileDataset(config, split: split).load(at: 0)
    #expect(Set(sample.label.pixels).count == 6)
  }
}
