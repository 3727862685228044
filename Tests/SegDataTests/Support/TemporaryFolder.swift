import Foundation
import SegData

/// A folder that goes when its owner does.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appending(path: "segdata-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes `bytes` to `name`, making folders on the way.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String) throws -> String {
    let file = "\(path)/\(name)"
    let parent = URL(filePath: file).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try FileBytes.write(bytes, to: file)
    return file
  }

  /// A gray label PNG of one value.
  @discardableResult
  func writeLabel(_ name: String, height: Int = 2, width: Int = 3, value: UInt8 = 0) throws
    -> String
  {
    let map = LabelMap(
      height: height, width: width, pixels: [UInt8](repeating: value, count: height * width))
    return try write(PNGEncoder.encode(map), name)
  }

  /// An RGB PNG of one colour.
  @discardableResult
  func writeImage(_ name: String, height: Int = 2, width: Int = 3, color: RGB = RGB(1, 2, 3)) throws
    -> String
  {
    try write(PNGEncoder.encode(Raster(height: height, width: width, color: color)), name)
  }
}
