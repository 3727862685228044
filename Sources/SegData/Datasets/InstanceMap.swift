internal import SegCore

/// Which object each pixel belongs to, `values` `[height, width]` as stored.
///
/// Cityscapes stores the label id where objects are not told apart, else label id · 1000 + number.
public struct InstanceMap: Sendable, Equatable {
  public var height: Int
  public var width: Int
  public var values: [UInt16]

  public init(height: Int, width: Int, values: [UInt16]) {
    precondition(values.count == height * width, "instance map: pixel count")
    self.height = height
    self.width = width
    self.values = values
  }

  /// Reads a gray PNG of 8 or 16 bits.
  ///
  /// - Throws: `Failure` that names the file.
  public static func read(_ path: String) throws -> InstanceMap {
    let bytes = try FileBytes.read(path)
    guard try ImageFile.format(of: bytes, name: path) == .png else {
      throw Failure(.badData, path, "instance numbers are gray PNG files of 8 or 16 bits")
    }
    let image = try PNGImage.decode(bytes, name: path)
    guard image.colorType == .gray, image.bitDepth >= 8 else {
      throw Failure(
        .badData, path,
        "found \(image.kind) PNG; instance numbers are gray PNG files of 8 or 16 bits")
    }
    let values: [UInt16] =
      switch image.samples {
      case .bytes(let bytes): bytes.map(UInt16.init)
      case .words(let words): words
      }
    return InstanceMap(height: image.height, width: image.width, values: values)
  }
}

extension FileDataset {
  /// Whether the layout has a file of numbered objects beside each label.
  public var hasInstances: Bool { layout.instanceFile != nil }

  /// The numbered objects of sample `index`, at the label's stored size.
  ///
  /// - Throws: `Failure` that names the file; `.badConfig` for a layout without such files.
  public func instances(at index: Int) throws -> InstanceMap {
    guard let path = layout.instanceFile?(labelPath(at: index)) else {
      throw Failure(
        .badConfig, "data.layout", "layout \"\(layout.name)\" has no files of numbered objects")
    }
    return try InstanceMap.read(path)
  }
}
