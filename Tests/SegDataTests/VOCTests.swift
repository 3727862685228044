import SegCore
import SegData
import Testing

@Suite struct VOCTests {
  /// Two official samples and one of SBD, below `VOCdevkit/VOC2012`.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let root = "VOCdevkit/VOC2012"
    let jpeg = try FileBytes.read(SharedData.path("jpeg/reftest/jpg-size-3x3.jpg"))
    for id in ["2007_000032", "2007_000039", "2008_000002"] {
      try folder.write(jpeg, "\(root)/JPEGImages/\(id).jpg")
      let isOfficial = id.hasPrefix("2007")
      try folder.writeLabel(
        "\(root)/SegmentationClass\(isOfficial ? "" : "Aug")/\(id).png", height: 3,
        value: isOfficial ? 20 : 15)
    }
    let lists = "\(root)/ImageSets/Segmentation"
    try folder.write(Array("2007_000039\r\n2007_000032\n\n".utf8), "\(lists)/train.txt")
    try folder.write(Array("2007_000032\n2008_000002".utf8), "\(lists)/trainaug.txt")
    return folder
  }

  @Test(.enabled(if: SharedData.has("jpeg/reftest"), "no ../shared/data"))
  func listsDecide() throws {
    let folder = try folder()
    var config = DataConfig(layout: "voc", root: folder.path)
    let dataset = try FileDataset(config, split: "train")
    #expect(dataset.labelPath(at: 0).hasSuffix("SegmentationClass/2007_000039.png"))
    #expect(dataset.count == 2 && dataset.classes.count == 21)
    #expect(try dataset.load(at: 0).label.pixels == [UInt8](repeating: 20, count: 9))
    config.root += "/VOCdevkit/VOC2012"
    #expect(try FileDataset(config, split: "train").count == 2)
    let failure = #expect(throws: Failure.self) { try FileDataset(config, split: "trainaug") }
    #expect(failure?.place.hasSuffix("SegmentationClass/2008_000002.png") == true)
    #expect(failure?.problem.contains("no such label; 2008_000002 is in line 2 of") == true)
    #expect(failure?.hint?.contains("\"augmented_labels\": true") == true)
    config.augmentedLabels = true
    let augmented = try FileDataset(config, split: "trainaug")
    #expect(augmented.labelPath(at: 0).hasSuffix("SegmentationClass/2007_000032.png"))
    #expect(try augmented.load(at: 1).label.pixels.first == 15)
    let list = #expect(throws: Failure.self) { try FileDataset(config, split: "trian") }
    #expect(
      list?.problem
        == "no such list (near it: train.txt, trainaug.txt); there are train.txt, trainaug.txt")
  }

  @Test func foldersThatAreNoVOC() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], "pictures/a.txt")
    let failure = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "voc", root: folder.path), split: "train")
    }
    #expect(failure?.status == .inputMissing && failure?.place == folder.path)
    #expect(failure?.problem.hasSuffix("it has pictures") == true)
  }

  @Test(.enabled(if: SharedData.has("voc/VOC2012"), "no ../shared/data"))
  func realPairs() throws {
    var config = DataConfig(layout: "voc", root: SharedData.path("voc"))
    #expect(try FileDataset(config, split: "train").count == 200)
    let validation = try FileDataset(config, split: "val")
    #expect(validation.count == 60)
    var values = Set<UInt8>()
    for index in stride(from: 0, to: 60, by: 6) {
      let sample = try validation.load(at: index)
      values.formUnion(sample.label.pixels)
      let palette = try validation.storedLabel(at: index).palette
      #expect(palette.enumerated().allSatisfy { $1 == ClassColors.spread($0) })
    }
    // Every object has its border.
    #expect(values.contains(255) && values.contains(0) && values.count > 5)
    #expect(values.allSatisfy { $0 <= 20 || $0 == 255 })
    config.augmentedLabels = true
    let augmented = try FileDataset(config, split: "trainaug")
    #expect(augmented.count == 240)
    let added = augmented.pairs.filter { $0.label.contains("SegmentationClassAug") }
    #expect(added.count == 40)
    #expect(try !ImageFile.readLabels(added[0].label).pixels.contains(255))
  }
}
