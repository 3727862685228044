import Foundation
import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct InspectionCheckTests {
  private func check(
    _ config: DataConfig, _ splits: [String] = ["train"], workers: Int = 2
  ) throws -> DataCheck {
    DataCheck(try DataInspection(config, splits: splits, workers: workers))
  }

  /// `kind file: message | hint` with the root taken out.
  private func lines(_ check: DataCheck, _ folder: PictureFolder) -> [String] {
    check.problems.map { problem in
      let file = problem.file.map { " \($0)" } ?? ""
      let hint = problem.hint.map { " | \($0)" } ?? ""
      return "\(problem.split) \(problem.kind.rawValue)\(file): \(problem.message)\(hint)"
        .replacingOccurrences(of: folder.root + "/", with: "")
    }
  }

  @Test func soundSetHasNoProblems() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for stem in ["x", "y"] { try folder.sample("train", stem, [[0, 1, 2], [255, 1, 1]]) }
    let check = try check(folder.config())
    #expect(check.problems == [] && check.errors == 0)
    #expect(check.samples.map(\.split) == ["train"] && check.samples.map(\.count) == [2])
    #expect(check.text() == "train: 2 samples, no problems\nno problems found\n")
    #expect(check.json["ok"] == .bool(true) && check.json["problems"] == .array([]))
  }

  @Test func everyProblemIsCollected() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    let good: [[UInt8]] = [[0, 1, 2], [255, 1, 1]]
    for stem in ["f0", "f1", "f2", "f3", "f4"] { try folder.sample("train", stem, good) }
    try folder.sample("train", "a-values", [[7, 0, 9], [9, 7, 7]])
    try folder.sample("train", "b-size", good)
    try folder.label("masks/train/b-size.png", [[0, 1], [2, 0]])
    try folder.sample("train", "c-constant", [[1, 1, 1], [1, 1, 1]])
    try folder.sample("train", "d-void", [[255, 255, 255], [255, 255, 255]])
    try folder.sample("train", "e-broken", good)
    try folder.write(Array("JFIF?".utf8), to: "images/train/e-broken.png")
    try folder.image("masks/train/e-broken.png")
    try folder.sample("train", "g-cut", good)
    let whole = try FileBytes.read(folder.path("masks/train/g-cut.png"))
    try folder.write(Array(whole.prefix(40)), to: "masks/train/g-cut.png")
    try folder.sample("train", "h-odd", [[0, 1], [2, 2]])
    try folder.image("images/train/lonely.png")
    try folder.label("masks/train/orphan.png", [[0]])

    let found = lines(try check(folder.config()), folder)
    let expected = [
      "train missing_pair images/train/lonely.png: image without label: looked for masks/train/lonely.png",
      "train missing_pair masks/train/orphan.png: label without image: looked for images/train/orphan.{png,jpg,jpeg}",
      "train label_value masks/train/a-values.png: label value 7 in 3 pixels, first at x 0, y 0; classes are 0 to 2, "
        + "ignore_index is 255; also 9 (2 pixels) | if 7 is no class, add \"label_map\": {\"7\": \"ignore\"} to \"data\"",
      "train size_mismatch masks/train/b-size.png: label is 2x2, its image images/train/b-size.png is 3x2 | "
        + "image and label must have one size; has one of them been resized?",
      "train constant_label masks/train/c-constant.png: every pixel is b (class 1)",
      "train constant_label masks/train/d-void.png: every pixel is ignored",
      "train decode_error images/train/e-broken.png: not a PNG or JPEG: starts with bytes 4a 46 49 46 3f",
      "train label_mode masks/train/e-broken.png: label is 8-bit RGB PNG; a label is a palette or gray PNG of 1, 2, 4 "
        + "or 8 bits | this looks like a colour picture of the classes: convert it to class indices, "
        + "or use layout \"folders\" with \"mask_encoding\": \"color\"",
      "train decode_error masks/train/g-cut.png: ",
      "train odd_size images/train/h-odd.png: image is 2x2; 10 of the 12 images are 3x2 | "
        + "to resize all of them, add \"size\": [2, 3] to \"data\"",
    ]
    #expect(found.count == expected.count)
    for (line, wanted) in zip(found, expected) {
      #expect(wanted.hasSuffix(": ") ? line.hasPrefix(wanted) : line == wanted)
    }
  }

  @Test func wordsForSixteenBitsAndJPEG() throws {
    guard SharedData.has("png/pngsuite/png/basn0g16.png"), SharedData.has("jpeg/pillow/hopper.jpg")
    else {
      print("skipped: no shared data")
      return
    }
    let folder = PictureFolder()
    defer { folder.remove() }
    for (stem, file) in [
      ("gray16", "png/pngsuite/png/basn0g16.png"), ("jpeg", "jpeg/pillow/hopper.jpg"),
    ] {
      try folder.image("images/train/\(stem).png")
      try folder.write(FileBytes.read(SharedData.path(file)), to: "masks/train/\(stem).png")
    }
    let found = lines(try check(folder.config()), folder)
    #expect(found.count == 2)
    #expect(
      found[0].hasPrefix("train label_mode masks/train/gray16.png: label is 16-bit gray PNG;"))
    #expect(found[1].hasPrefix("train label_mode masks/train/jpeg.png: label is a JPEG"))
  }

  @Test(.enabled(if: SharedData.has("jpeg/pillow/hopper_orientation_6.jpg"), "no ../shared/data"))
  func turnedPhotographsAreTold() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for orientation in [2, 3, 5, 6, 8] {
      let path = SharedData.path("jpeg/pillow/hopper_orientation_\(orientation).jpg")
      let (height, width) = try ImageFile.size(path)
      try folder.write(FileBytes.read(path), to: "images/train/\(orientation).jpg")
      let row = (0..<width).map { UInt8($0 % 3) }
      try folder.label(
        "masks/train/\(orientation).png", [[UInt8]](repeating: row, count: height))
    }
    let check = try check(folder.config())
    #expect(check.errors == 0)
    let told = check.problems.filter { $0.kind == .exifOrientation }
    #expect(told.count == 5)
    #expect(told[3].message.hasPrefix("EXIF orientation 6: viewers turn it to the right, while"))
  }

  /// An EXIF block that says no more than how to turn the picture, low bytes first or last.
  private static func exif(_ orientation: UInt8, isBigEndian: Bool) -> [UInt8] {
    let fields: [[UInt8]] = [
      [0, 42], [0, 0, 0, 8], [0, 1], [1, 0x12], [0, 3], [0, 0, 0, 1], [0, orientation], [0, 0],
      [0, 0, 0, 0],
    ]
    return [UInt8](repeating: isBigEndian ? 0x4D : 0x49, count: 2)
      + fields.flatMap { isBigEndian ? $0 : $0.reversed() }
  }

  @Test func turnedPNGsAreTold() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    let jpegMark = Array("Exif\0\0".utf8)
    let blocks: [(name: String, exif: [UInt8], isLast: Bool)] = [
      ("a", Self.exif(6, isBigEndian: true), false), ("b", Self.exif(8, isBigEndian: false), true),
      ("c", jpegMark + Self.exif(3, isBigEndian: false), false),
      ("d", Self.exif(1, isBigEndian: true), false), ("e", Self.exif(9, isBigEndian: true), false),
      ("f", [0x4D, 0x4D, 0], true),
    ]
    for (name, exif, isLast) in blocks {
      let rows = [[UInt8]](repeating: [1, 2, 3, 4, 5, 6, 7, 8, 9], count: 2)
      try folder.write(
        plainPNG(width: 3, depth: 8, colorType: 2, rows: rows, exif: exif, exifIsLast: isLast),
        to: "images/train/\(name).png")
      try folder.label("masks/train/\(name).png", [[0, 1, 2], [0, 1, 2]])
    }
    let check = try check(folder.config())
    #expect(check.errors == 0)
    let told = check.problems.filter { $0.kind == .exifOrientation }
    #expect(told.compactMap { $0.file?.suffix(5) } == ["a.png", "b.png", "c.png"])
    #expect(told[0].message.hasPrefix("EXIF orientation 6: viewers turn it to the right, while"))
    #expect(told[1].message.hasPrefix("EXIF orientation 8: viewers turn it to the left, while"))
  }

  /// 12 bits in a file of 16: as pictures they are nearly black.
  @Test func darkSixteenBitImagesAreTold() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for (name, top) in [("dark", 4095), ("bright", 40_000)] {
      let row = [0, 700, UInt16(top)].flatMap(twoBytes)
      try folder.write(
        plainPNG(width: 3, depth: 16, colorType: 0, rows: [row, row]),
        to: "images/train/\(name).png")
      try folder.label("masks/train/\(name).png", [[0, 1, 2], [0, 1, 2]])
    }
    let told = try check(folder.config()).problems.filter { $0.kind == .darkImage }
    #expect(told.count == 1 && told[0].file?.hasSuffix("dark.png") == true)
    #expect(
      told[0].message
        == "a 16-bit image whose highest value is about 4112 of 65535: in 8 bits nothing is above 16"
    )
    #expect(told[0].severity == .warning)
  }

  @Test func pairsByOtherNames() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for stem in ["p", "q"] {
      try folder.image("images/train/\(stem)_img.png")
      try folder.label("masks/train/\(stem)_gt.png", [[0]])
    }
    let check = try check(folder.config())
    #expect(check.problems.map(\.kind) == [.missingPair, .missingPair, .missingPair, .missingPair])
    #expect(check.text().components(separatedBy: "hint:").count == 2, "one hint is enough")
    #expect(check.samples.map(\.count) == [0])
  }

  @Test func camVidIsSound() throws {
    guard SharedData.has("camvid/val") else {
      print("skipped: no shared data")
      return
    }
    let config = DataConfig(layout: "camvid", root: SharedData.path("camvid"))
    let check = try check(config, ["val"])
    #expect(check.problems == [] && check.samples.map(\.count) == [101])
  }

  @Test func zeroAnd255Masks() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for split in ["train", "val"] {
      for stem in ["p", "q"] { try folder.sample(split, stem, [[0, 255, 255], [0, 0, 255]]) }
    }
    let check = try check(folder.config(classes: 2), ["train", "val"])
    let binary = check.problems.filter { $0.kind == .binaryMask }
    #expect(binary.map(\.split) == ["train", "val"] && check.errors == 2)
    #expect(
      binary[0].hint == "if 255 is the foreground, add \"label_map\": {\"255\": 1} to \"data\"")
    #expect(
      binary[0].message
        == "labels hold 0 (6 pixels) and 255 (6 pixels), and 255 is ignored: only class 0 is left")
    // The hint is the cure.
    let mapping = [LabelMapping(stored: 255, target: .index(1))]
    let cured = DataCheck(
      try DataInspection(folder.config(classes: 2, labelMap: mapping), splits: ["train", "val"]))
    #expect(cured.problems == [])
  }

  @Test func absentClassesAreNamedPerSplit() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 1, 2, 3]])
    try folder.sample("val", "p", [[0, 1, 1, 0]])
    let found = lines(try check(folder.config(classes: 5), ["train", "val"]), folder)
    let hint = " | if the files use other values for them, say so in data.label_map"
    #expect(
      found == [
        "train absent_class: no pixel of 1 of the 5 classes: e (4)" + hint,
        "val absent_class: no pixel of 3 of the 5 classes: c (2), d (3), e (4)" + hint,
      ])
  }

  @Test func missingFolderIsAProblemOfItsSplit() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 1, 2]])
    let check = try check(folder.config(), ["train", "vall"])
    #expect(check.problems.map(\.kind) == [.missingFiles])
    #expect(check.problems[0].split == "vall" && check.problems[0].file?.hasSuffix("vall") == true)
    #expect(check.samples.map(\.count) == [1, 0])
  }

  @Test func twoFilesOfOneStem() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 1, 2]])
    try folder.image("images/train/p.jpg", height: 1)
    let check = try check(folder.config())
    #expect(check.problems.map(\.kind) == [.missingPair])
    #expect(check.problems[0].message == "two images of one name: p.jpg and p.png")
    #expect(check.samples[0].count == 1)
  }

  @Test func configMistakesAreThrown() {
    let error = #expect(throws: Failure.self) {
      _ = try DataInspection(DataConfig(layout: "camvidd", root: "/"), splits: ["train"])
    }
    #expect(error?.status == .badConfig)
  }

  @Test func sizesDoNotMatterWhenAllAreResized() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for stem in ["p", "q", "r"] { try folder.sample("train", stem, [[0, 1, 2]]) }
    try folder.sample("train", "s", [[0, 1, 2], [0, 1, 2]])
    #expect(try check(folder.config()).problems.map(\.kind) == [.oddSize])
    #expect(try check(folder.config(size: PixelSize(height: 1, width: 3))).problems == [])
  }

  @Test func workersDoNotShow() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for index in 0..<23 {
      try folder.sample("train", "s\(index)", [[UInt8(index), 1, 2], [0, 1, 255]])
      try folder.sample("val", "s\(index)", [[UInt8(index % 4), 1], [0, 2]])
    }
    let config = folder.config()
    var reports: [String] = []
    for workers in [1, 2, 5] {
      var steps: [Int] = []
      let inspection = try DataInspection(config, splits: ["train", "val"], workers: workers) {
        steps.append($0)
        #expect($1 == 46)
      }
      #expect(steps == Array(1...46))
      reports.append(
        DataCheck(inspection).json.pretty + (try DataStats(inspection).json().pretty))
    }
    #expect(reports[0] == reports[1] && reports[0] == reports[2])
    #expect(reports[0].contains("label_value"))
  }

  @Test func longListsAreCutInTextOnly() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    for index in 10..<30 { try folder.sample("train", "s\(index)", [[0, 9]]) }
    let check = try check(folder.config(classes: 1))
    #expect(check.problems.count == 20)
    let text = check.text(limit: 3)
    #expect(text.contains("... and 17 more of kind label_value\n"))
    #expect(text.hasSuffix("20 errors, 0 warnings in all\n"))
    #expect(
      check.json["problems"].map { if case .array(let items) = $0 { items.count } else { 0 } } == 20
    )
  }
}
