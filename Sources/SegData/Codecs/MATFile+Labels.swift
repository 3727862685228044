internal import SegCore

extension MATFile {
  /// The classes of an SBD file, `GTcls.Segmentation`, row by row.
  ///
  /// - Throws: `Failure` `.badData` that names the file.
  static func labels(_ bytes: [UInt8], name: String) throws -> LabelMap {
    let matrix = try MATFile(bytes, name: name).matrix("GTcls", field: "Segmentation")
    let (height, width) = (matrix.rows, matrix.columns)
    let pixels = [UInt8](unsafeUninitializedCapacity: height * width) { out, filled in
      for x in 0..<width {
        for y in 0..<height { out[y * width + x] = matrix.values[x * height + y] }
      }
      filled = height * width
    }
    return LabelMap(height: height, width: width, pixels: pixels)
  }
}
