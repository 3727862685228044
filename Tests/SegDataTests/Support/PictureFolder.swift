import Foundation
import SegData

/// A data set of layout `folders` in a folder of its own, with any mistakes a test wants.
struct PictureFolder {
  let root = NSTemporaryDirectory() + "/pictures-\(UUID().uuidString)"

  func remove() { try? FileManager.default.removeItem(atPath: root) }

  func path(_ file: String) -> String { "\(root)/\(file)" }

  func write(_ bytes: [UInt8], to file: String) throws {
    let url = URL(fileURLWithPath: path(file))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// A picture of one colour.
  func image(_ file: String, height: Int = 2, width: Int = 3, _ color: RGB = RGB(10, 20, 30)) throws
  {
    try write(PNGEncoder.encode(Raster(height: height, width: width, color: color)), to: file)
  }

  func label(_ file: String, _ rows: [[UInt8]]) throws {
    let map = LabelMap(height: rows.count, width: rows[0].count, pixels: rows.flatMap { $0 })
    try write(PNGEncoder.encode(map), to: file)
  }

  /// Image and label of a sample.
  func sample(_ split: String, _ stem: String, _ rows: [[UInt8]]) throws {
    try image("images/\(split)/\(stem).png", height: rows.count, width: rows[0].count)
    try label("masks/\(split)/\(stem).png", rows)
  }

  /// Config of this data set with classes `a`, `b`, ... .
  func config(classes: Int = 3, labelMap: [LabelMapping]? = nil, size: PixelSize? = nil)
    -> DataConfig
  {
    let names = (0..<classes).map { String(UnicodeScalar(UInt8(97 + $0))) }
    return DataConfig(
      layout: "folders", root: root,
      classes: .list(names.map { ClassInfo($0, RGB(0, 0, 0)) }), labelMap: labelMap, size: size)
  }
}
