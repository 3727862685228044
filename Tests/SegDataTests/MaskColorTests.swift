import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct MaskColorTests {
  static let classes = DataConfig.Classes.list([
    ClassInfo("ground", RGB(0, 0, 0)), ClassInfo("sky", RGB(0, 0, 64)),
  ])

  private func load(
    _ mask: [UInt8], _ classes: DataConfig.Classes = classes, colors: [MaskColor]? = nil
  ) throws -> LabelMap {
    let folder = try TemporaryFolder()
    try folder.writeImage("images/train/a.png", height: 1, width: 4)
    try folder.write(mask, "masks/train/a.png")
    let config = DataConfig(
      layout: "folders", root: folder.path, classes: classes, maskEncoding: .color,
      maskColors: colors)
    return try FileDataset(config, split: "train").load(at: 0).label
  }

  static let pixels: [UInt8] = [0, 0, 64, 0, 0, 0, 224, 224, 192, 9, 9, 9]

  private var rgb: [UInt8] {
    get throws {
      try PNGEncoder.encode(Raster(height: 1, width: 4, channels: 3, pixels: Self.pixels))
    }
  }

  static let void = MaskColor(RGB(224, 224, 192), .ignore)

  @Test func coloursBecomeClasses() throws {
    let colors = [Self.void, MaskColor(RGB(9, 9, 9), .index(1))]
    #expect(try load(rgb, colors: colors).pixels == [1, 0, 255, 1])
    // A palette is looked up, alpha dropped.
    let palette = plainPNG(
      width: 4, depth: 8, colorType: 3, rows: [[3, 2, 1, 0]],
      palette: [9, 9, 9, 224, 224, 192, 0, 0, 0, 0, 0, 64])
    #expect(try load(palette, colors: colors).pixels == [1, 0, 255, 1])
    let alpha = plainPNG(
      width: 4, depth: 8, colorType: 6,
      rows: [[0, 0, 64, 255, 0, 0, 0, 0, 224, 224, 192, 1, 9, 9, 9, 2]])
    #expect(try load(alpha, colors: colors).pixels == [1, 0, 255, 1])
  }

  @Test func tablesWithOtherStoredValuesAreNotMapped() throws {
    // Road is class 0 and label id 7.
    let raster = Raster(height: 1, width: 4, color: RGB(128, 64, 128))
    let label = try load(PNGEncoder.encode(raster), .table("cityscapes19"))
    #expect(label.pixels == [0, 0, 0, 0])
  }

  @Test func unknownColoursAreNamed() throws {
    let failure = #expect(throws: Failure.self) { try load(rgb, colors: [Self.void]) }
    #expect(failure?.place.hasSuffix("masks/train/a.png") == true)
    #expect(failure?.problem == "colour (9, 9, 9) in 1 pixel, first at x 3, y 0, is no class")
    #expect(
      failure?.hint
        == "add its meaning to \"data\": \"mask_colors\": [{ \"color\": [9, 9, 9], \"class\": \"ignore\" }]"
    )
    let two = #expect(throws: Failure.self) { try load(rgb) }
    #expect(two?.problem.hasSuffix("is no class; 1 more colours mean nothing either") == true)
  }

  @Test func coloursOfTwoMeaningsAreRefused() throws {
    let failure = #expect(throws: Failure.self) {
      try load(rgb, colors: [MaskColor(RGB(0, 0, 64), .ignore)])
    }
    #expect(failure?.status == .badConfig)
    #expect(failure?.problem == "colour (0, 0, 64) means both class \"sky\" and \"ignore\"")
    let wide = plainPNG(
      width: 4, depth: 16, colorType: 2, rows: [[UInt8](repeating: 0, count: 24)])
    #expect(throws: Failure.self) { try load(wide) }
  }

  @Test(.enabled(if: SharedData.has("synthia/rand"), "no ../shared/data"))
  func realColourMasks() throws {
    var config = DataConfig(
      layout: "folders", root: SharedData.path("synthia/rand"), classes: .table("synthia_cvpr12"),
      images: "RGB", masks: "GT", maskEncoding: .color)
    #expect(try FileDataset(config, split: "train").load(at: 0).label.pixels == [1, 1, 2, 2, 3])
    config.root = SharedData.path("synthia/al")
    config.masks = "SemSeg"
    #expect(try FileDataset(config, split: "train").load(at: 1).label.pixels == [8, 11, 11, 3, 3])
    config.root = SharedData.path("synthia/sf")
    (config.images, config.masks) = ("RGBLeft", "GTLeft")
    config.classes = .table("cityscapes19")
    #expect(try FileDataset(config, split: "train").load(at: 1).label.pixels == [7, 10, 10, 2, 2])
    (config.images, config.masks) = ("RGB", "GT")
    config.root = SharedData.path("synthia/rand_custom_labelmap")
    config.classes = .list([
      ClassInfo("background", RGB(0, 0, 0)), ClassInfo("sky", RGB(0, 0, 64)),
      ClassInfo("building", RGB(0, 128, 128)), ClassInfo("person", RGB(128, 0, 64)),
      ClassInfo("road", RGB(0, 192, 128)),
    ])
    let dataset = try FileDataset(config, split: "train")
    #expect(try dataset.load(at: 0).label.pixels == [1, 1, 1, 4, 4])
    #expect(try dataset.load(at: 1).label.pixels == [2, 2, 3, 3, 4])
  }
}
