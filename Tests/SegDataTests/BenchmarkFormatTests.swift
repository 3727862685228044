import SegCore
import SegData
import Testing

@Suite struct BenchmarkFormatTests {
  /// Every index, written as VOC's server takes it and read back.
  @Test func everyPaletteIndexIsPreserved() throws {
    let map = LabelMap(height: 16, width: 16, pixels: (0...255).map { UInt8($0) })
    let result = try BenchmarkFormat.voc.result(map, table: .voc21)
    let bytes = try PNGEncoder.encode(result)
    let image = try PNGImage.decode(bytes, name: "")
    #expect(image.colorType == .palette && image.bitDepth == 8)
    let read = try ImageFile.decodeLabels(bytes, name: "")
    #expect(read.pixels == map.pixels)
    #expect(read.palette == (0...255).map(ClassColors.spread))
  }

  @Test func cityscapesWantsLabelIDs() throws {
    for table in [ClassTable.cityscapes19, .cityscapes30, .cityscapes34, .synthiaRand16] {
      let map = LabelMap(
        height: 1, width: table.classes.count, pixels: table.classes.indices.map { UInt8($0) })
      let result = try BenchmarkFormat.cityscapes.result(map, table: table)
      #expect(result.pixels == table.resultValues && result.palette.isEmpty)
      // What is written is read as the same classes.
      guard table != .synthiaRand16 else { continue }
      let labels = try LabelTable(
        classCount: table.classes.count, ignoreIndex: 255, table: table.labelMap)
      var read = try ImageFile.decodeLabels(PNGEncoder.encode(result), name: "")
      try labels.apply(to: &read, name: "")
      #expect(read.pixels == map.pixels)
    }
  }

  @Test func wherePredictionsGo() {
    #expect(
      BenchmarkFormat.cityscapes.path(folder: "out", stem: "ulm_000000_000019_leftImg8bit")
        == "out/cityscapes/ulm_000000_000019.png")
    #expect(
      BenchmarkFormat.voc.path(folder: "out", stem: "2007_000033")
        == "out/results/VOC2012/Segmentation/comp6_test_cls/2007_000033.png")
  }

  @Test func classesOfAnotherDataSetAreRefused() {
    let map = LabelMap(height: 1, width: 1, pixels: [0])
    for format in BenchmarkFormat.allCases {
      let failure = #expect(throws: Failure.self) { try format.result(map, table: .camvid11) }
      #expect(failure?.status == .usage && failure?.place == "--save \(format.rawValue)")
    }
  }

  @Test(.enabled(if: SharedData.has("voc/VOC2012"), "no ../shared/data"))
  func realLabelsComeBack() throws {
    let folder = "voc/VOC2012/SegmentationClass"
    for name in try SharedData.list(folder).prefix(20) {
      let label = try ImageFile.readLabels(SharedData.path("\(folder)/\(name)"))
      let written = try PNGEncoder.encode(BenchmarkFormat.voc.result(label, table: .voc21))
      #expect(try ImageFile.decodeLabels(written, name: name).pixels == label.pixels)
    }
  }
}
