import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct CityscapesTests {
  static let frames = ["bremen_000001_000019", "aachen_000000_000019"]

  /// Two cities with one frame each, and its label ids, train ids and instances.
  private func folder(_ ids: [UInt8] = [7, 26, 33, 3]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for frame in Self.frames {
      let city = String(frame.prefix { $0 != "_" })
      let labels = "gtFine/val/\(city)/\(frame)_gtFine"
      try folder.writeImage(
        "leftImg8bit/val/\(city)/\(frame)_leftImg8bit.png", height: 1, width: 4)
      let map = LabelMap(height: 1, width: 4, pixels: ids)
      try folder.write(PNGEncoder.encode(map), "\(labels)_labelIds.png")
      let train = LabelMap(height: 1, width: 4, pixels: [0, 13, 18, 255])
      try folder.write(PNGEncoder.encode(train), "\(labels)_labelTrainIds.png")
      let objects: [UInt16] = [7, 26001, 33002, 3]
      try folder.write(
        plainPNG(width: 4, depth: 16, colorType: 0, rows: [objects.flatMap(twoBytes)]),
        "\(labels)_instanceIds.png")
    }
    return folder
  }

  private func load(
    _ folder: TemporaryFolder, _ classes: DataConfig.Classes = .layout,
    _ files: DataConfig.LabelFiles = .labelIds
  ) throws -> FileDataset {
    try FileDataset(
      DataConfig(layout: "cityscapes", root: folder.path, classes: classes, labelFiles: files),
      split: "val")
  }

  @Test func framesOfAllCitiesInOrder() throws {
    let folder = try folder()
    let dataset = try load(folder)
    #expect(
      (0..<2).map {
        dataset.imagePath(at: $0).split(separator: "/").suffix(2).joined(separator: "/")
      }
        == [
          "aachen/aachen_000000_000019_leftImg8bit.png",
          "bremen/bremen_000001_000019_leftImg8bit.png",
        ])
    #expect(try dataset.load(at: 1).label.pixels == [0, 13, 18, 255])
    #expect(try dataset.instances(at: 0).values == [7, 26001, 33002, 3])
  }

  @Test func idsAndTrainIDsGiveTheSameClasses() throws {
    let folder = try folder()
    for name in ["cityscapes19", "cityscapes16", "cityscapes13"] {
      let byID = try load(folder, .table(name)).load(at: 0)
      let byTrainID = try load(folder, .table(name), .labelTrainIds).load(at: 0)
      #expect(byID.label.pixels == byTrainID.label.pixels, "\(name)")
    }
    #expect(try load(folder, .table("cityscapes16")).load(at: 0).label.pixels == [0, 12, 15, 255])
    #expect(try load(folder, .table("cityscapes30")).load(at: 0).label.pixels == [3, 22, 29, 255])
    #expect(try load(folder, .table("cityscapes34")).load(at: 0).label.pixels == [7, 26, 33, 3])
    #expect(try load(folder, .layout, .labelTrainIds).instances(at: 0).values[1] == 26001)
    let failure = #expect(throws: Failure.self) {
      try load(folder, .table("cityscapes34"), .labelTrainIds)
    }
    #expect(
      failure?.problem == "labelTrainIds files hold 19 classes, not the 34 of cityscapes34")
  }

  @Test func whatIsMissingIsNamed() throws {
    let folder = try folder()
    try folder.writeImage("leftImg8bit/val/ulm/ulm_000000_000019_leftImg8bit.png")
    let failure = #expect(throws: Failure.self) { try load(folder) }
    #expect(failure?.status == .inputMissing)
    #expect(failure?.place.hasSuffix("ulm/ulm_000000_000019_leftImg8bit.png") == true)
    #expect(
      failure?.problem.contains(
        "\(folder.path)/gtFine/val/ulm/ulm_000000_000019_gtFine_labelIds.png") == true)
    let split = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "cityscapes", root: folder.path), split: "train")
    }
    #expect(split?.problem == "no such folder; \(folder.path)/gtFine has val")
  }

  @Test func tablesOfOtherLayoutsAreRefused() throws {
    let folder = try folder()
    let failure = #expect(throws: Failure.self) { try load(folder, .table("synthia_rand16")) }
    #expect(failure?.status == .badConfig)
    #expect(failure?.problem.hasSuffix("not for \"synthia_rand16\"") == true)
  }

  @Test func otherLayoutsHaveNoInstances() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("train/a.png")
    try folder.writeLabel("trainannot/a.png")
    let dataset = try FileDataset(DataConfig(layout: "camvid", root: folder.path), split: "train")
    #expect(!dataset.hasInstances)
    #expect(throws: Failure.self) { try dataset.instances(at: 0) }
  }

  /// A frame whose two label files were made smaller one by one, by another project: 77 of its
  /// 32768 pixels differ, at the borders of classes.
  @Test(.enabled(if: SharedData.has("cityscapes/mini"), "no ../shared/data"))
  func realFilesOfBothKinds() throws {
    let root = SharedData.path("cityscapes/mini")
    let byID = try FileDataset(DataConfig(layout: "cityscapes", root: root), split: "val")
    let byTrainID = try FileDataset(
      DataConfig(layout: "cityscapes", root: root, labelFiles: .labelTrainIds), split: "val")
    let label = try byID.load(at: 0).label
    let other = try byTrainID.load(at: 0).label
    #expect(zip(label.pixels, other.pixels).count { $0 != $1 } == 77)
    #expect(Set(label.pixels).count > 8)
  }

  /// A frame at full size, its train ids made from `labels.py`.
  @Test(
    .enabled(
      if: SharedData.has("cityscapes/gtFine") && SharedData.has("class_tables"),
      "no ../shared/data"))
  func realLabelIDsAndTrainIDsAgree() throws {
    var trainID = [UInt8](repeating: 255, count: 256)
    for row in try SharedData.table("class_tables/cityscapes.tsv").dropFirst() {
      if let id = UInt8(row[1]), let train = UInt8(row[2]) { trainID[Int(id)] = train }
    }
    let config = DataConfig(layout: "cityscapes", root: SharedData.path("cityscapes"))
    let dataset = try FileDataset(config, split: "train")
    for index in 0..<dataset.count {
      let stored = try dataset.storedLabel(at: index)
      let label = try dataset.load(at: index).label
      #expect(label.pixels == stored.pixels.map { trainID[Int($0)] })
    }
  }

  /// Every pixel's instance number says its label id too.
  @Test(.enabled(if: SharedData.has("cityscapes/gtFine"), "no ../shared/data"))
  func realFramesAndTheirInstances() throws {
    let config = DataConfig(
      layout: "cityscapes", root: SharedData.path("cityscapes"), classes: .table("cityscapes34"))
    let dataset = try FileDataset(config, split: "train")
    #expect(dataset.count == 4)
    let sample = try dataset.load(at: 1)
    #expect(sample.label.height == 1024 && sample.label.width == 2048)
    let instances = try dataset.instances(at: 1)
    #expect(instances.height == 1024 && instances.width == 2048)
    let disagreeing = zip(instances.values, sample.label.pixels).count { object, id in
      Int(object >= 1000 ? object / 1000 : object) != Int(id)
    }
    #expect(disagreeing == 0)
    #expect(instances.values.contains { $0 >= 24000 })
  }
}
