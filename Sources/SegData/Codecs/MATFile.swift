internal import SegCore

/// One matrix of a MAT file of level 5, as far as the Semantic Boundaries Dataset needs it: a
/// variable or a field of a structure, compressed or not.
///
/// Source: "MAT-File Format" by The MathWorks. A file of level 7.3 is HDF5 and is refused.
struct MATFile {
  static let signature = Array("MATLAB ".utf8)
  /// More is refused before anything is allocated.
  static let maximumBytes = 1 << 28

  /// A matrix of whole numbers from 0 to 255.
  struct Matrix: Equatable {
    var rows: Int
    var columns: Int
    /// Column by column.
    var values: [UInt8]
  }

  let bytes: [UInt8]
  let isBigEndian: Bool
  let name: String
  let fileSize: Int

  /// Reads the header; `name` is the file in error messages.
  ///
  /// - Throws: `Failure` `.badData` for files of other levels.
  init(_ bytes: [UInt8], name: String) throws {
    guard bytes.count >= 128 else {
      throw Failure(.badData, name, "truncated MAT file of \(bytes.count) bytes")
    }
    if bytes.starts(with: Array("MATLAB 7.3".utf8)) {
      throw Failure(
        .badData, name, "MAT file of level 7.3 (HDF5); level 5 is read",
        hint: "in MATLAB: save(file, '-v7')")
    }
    switch (bytes[126], bytes[127]) {
    case (0x49, 0x4D): isBigEndian = false
    case (0x4D, 0x49): isBigEndian = true
    default: throw Failure(.badData, name, "damaged MAT file: no byte order in its header")
    }
    self.bytes = bytes
    self.name = name
    fileSize = bytes.count
    let version = try unsigned(at: 124, size: 2)
    guard version == 0x0100 else { throw damaged("version \(version), expected 256") }
  }

  /// The contents of a compressed element of `file`.
  init(_ bytes: [UInt8], in file: MATFile) {
    self.bytes = bytes
    isBigEndian = file.isBigEndian
    name = file.name
    fileSize = file.fileSize
  }

  /// Field `field` of the structure `variable`.
  ///
  /// - Throws: `Failure` `.badData` for a damaged file, one without that field, or numbers that are
  ///   not whole or not from 0 to 255.
  func matrix(_ variable: String, field: String) throws -> Matrix {
    var found: [String] = []
    var at = 128
    while at < bytes.count {
      let element = try next(&at, end: bytes.count)
      let inner = element.type == .compressed ? try inflate(element.data) : self
      var start = element.type == .compressed ? 0 : element.data.lowerBound
      var end = element.data.upperBound
      if element.type == .compressed {
        let unpacked = try inner.next(&start, end: inner.bytes.count)
        guard unpacked.type == .matrix else { continue }
        (start, end) = (unpacked.data.lowerBound, unpacked.data.upperBound)
      } else if element.type != .matrix {
        continue
      }
      let array = try inner.array(start..<end)
      if array.name == variable { return try inner.field(field, of: array) }
      found.append(array.name)
    }
    let shown = found.isEmpty ? "nothing" : found.prefix(8).joined(separator: ", ")
    throw Failure(.badData, name, "MAT file without a variable \(variable); it holds \(shown)")
  }

  private func field(_ field: String, of structure: Variable) throws -> Matrix {
    guard structure.kind == Variable.structure, structure.count == 1 else {
      throw Failure(.badData, name, "\(structure.name) is no structure of one element")
    }
    var at = structure.body.lowerBound
    let end = structure.body.upperBound
    let lengthData = try next(&at, end: end).data
    guard lengthData.count == 4 else { throw damaged("length of field names") }
    let length = try unsigned(at: lengthData.lowerBound, size: 4)
    let names = try next(&at, end: end).data
    guard length > 0, length <= 1 << 16, names.count % length == 0 else {
      throw damaged("field names of \(length) bytes")
    }
    let fields = stride(from: names.lowerBound, to: names.upperBound, by: length).map {
      String(decoding: bytes[$0..<$0 + length].prefix { $0 != 0 }, as: UTF8.self)
    }
    for candidate in fields {
      let element = try next(&at, end: end)
      guard candidate == field else { continue }
      guard element.type == .matrix else { throw damaged("field \(field) is no matrix") }
      return try numbers(of: array(element.data), called: "\(structure.name).\(field)")
    }
    throw Failure(
      .badData, name,
      "\(structure.name) has no field \(field); it has \(fields.prefix(8).joined(separator: ", "))")
  }

  private func numbers(of array: Variable, called label: String) throws -> Matrix {
    guard Variable.numeric.contains(array.kind), array.dimensions.count == 2 else {
      throw Failure(.badData, name, "\(label) is no matrix of numbers")
    }
    let (rows, columns) = (array.dimensions[0], array.dimensions[1])
    try ImageFile.checkSize(width: columns, height: rows, name: name)
    var at = array.body.lowerBound
    // Numbers are stored in the smallest type that holds them, whatever the matrix's own is.
    let element = try next(&at, end: array.body.upperBound)
    guard let size = element.type.size, element.data.count == rows * columns * size else {
      throw damaged("\(label) of \(columns)x\(rows) has \(element.data.count) bytes")
    }
    if element.type == .uint8 {
      return Matrix(rows: rows, columns: columns, values: Array(bytes[element.data]))
    }
    let values = try (0..<rows * columns).map { index in
      let number = try number(element.type, at: element.data.lowerBound + index * size)
      guard let value = UInt8(exactly: number) else {
        throw Failure(
          .badData, name,
          "\(label) has \(number) at x \(index / rows), y \(index % rows); "
            + "expected whole numbers from 0 to 255")
      }
      return value
    }
    return Matrix(rows: rows, columns: columns, values: values)
  }
}
