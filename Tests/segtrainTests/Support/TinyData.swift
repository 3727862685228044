import SegCore
import SegData
import SegTestSupport

/// Data sets of a few tiny pictures in the layouts of their makers, below a folder `data`.
struct TinyData {
  let shop: Workshop
  /// Of every picture.
  static let (height, width) = (24, 40)

  /// - Returns: a picture to predict.
  func write(layout: String) throws -> String {
    switch layout {
    case "camvid", "streets":
      for split in ["train", "val"] {
        try write(6, "\(split)/%.png", "\(split)annot/%.png") { UInt8(($0 + $1 / 8) % 10) }
      }
      return "data/val/000003.png"
    case "folders":
      for split in ["train", "val"] {
        try write(8, "images/\(split)/%.png", "masks/\(split)/%.png") {
          ($0 + $1) % 5 > 2 ? 255 : 0
        }
      }
      return "data/images/val/000003.png"
    case "cityscapes":
      for split in ["train", "val"] {
        try write(
          12, "leftImg8bit/\(split)/ulm/ulm_%_000019_leftImg8bit.png",
          "gtFine/\(split)/ulm/ulm_%_000019_gtFine_labelIds.png"
        ) { UInt8(($0 + $1 / 4) % 34) }
      }
      return "data/leftImg8bit/val/ulm/ulm_000003_000019_leftImg8bit.png"
    case "voc":
      // What a file is, its first bytes say, not its name.
      try write(12, "VOC2012/JPEGImages/%.jpg", "VOC2012/SegmentationClass/%.png") {
        $1 == 7 ? 255 : UInt8(($0 + $1 / 4) % 21)
      }
      for split in ["train", "val"] {
        let list = (0..<12).map { Self.number($0) + "\n" }.joined()
        try write(Array(list.utf8), "VOC2012/ImageSets/Segmentation/\(split).txt")
      }
      return "data/VOC2012/JPEGImages/000003.jpg"
    case "synthia_seqs":
      for view in ["B", "F", "L", "R"] {
        for side in ["Left", "Right"] {
          let stream = "Stereo_\(side)/Omni_\(view)"
          try write(20, "RGB/\(stream)/%.png", "GT/LABELS/\(stream)/%.png", isSynthia: true) {
            UInt8(($0 + $1 / 4) % 16)
          }
        }
      }
      return "data/RGB/Stereo_Left/Omni_F/000003.png"
    default: throw Failure(.internal, layout, "no tiny data of this layout")
    }
  }

  /// - Parameters:
  ///   - image, label: paths with `%` for the picture's number.
  ///   - value: stored value of a column of a picture.
  private func write(
    _ count: Int, _ image: String, _ label: String, isSynthia: Bool = false,
    value: (_ number: Int, _ column: Int) -> UInt8
  ) throws {
    for number in 0..<count {
      let row = (0..<Self.width).map { value(number, $0) }
      let colors = row.flatMap { [$0 &* 12, 255 - $0 &* 7, $0 &* 40] }
      let picture = Raster(
        height: Self.height, width: Self.width, channels: 3,
        pixels: [[UInt8]](repeating: colors, count: Self.height).flatMap { $0 })
      try write(PNGEncoder.encode(picture), image.replacing("%", with: Self.number(number)))
      let labels =
        isSynthia
        ? synthiaPNG([[UInt16]](repeating: row.map(UInt16.init), count: Self.height))
        : try PNGEncoder.encode(
          LabelMap(
            height: Self.height, width: Self.width,
            pixels: [[UInt8]](repeating: row, count: Self.height).flatMap { $0 }))
      try write(labels, label.replacing("%", with: Self.number(number)))
    }
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    let path = shop["data/\(name)"]
    try FileSystem.standard.makeDirectories(FilePath.parent(of: path))
    try AtomicFile.write(bytes, to: path)
  }

  /// Six digits.
  private static func number(_ value: Int) -> String { String("\(1_000_000 + value)".dropFirst()) }
}
