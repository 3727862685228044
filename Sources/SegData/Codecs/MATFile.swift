internal import CSegImage
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

  private let bytes: [UInt8]
  private let isBigEndian: Bool
  private let name: String
  private let fileSize: Int

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

  /// The contents of a compressed element.
  private init(_ bytes: [UInt8], in file: MATFile) {
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

// MARK: Elements

extension MATFile {
  enum ElementType: Int {
    case int8 = 1
    case uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12
    case uint64, matrix, compressed
    case other = 0

    /// Bytes of a number.
    var size: Int? {
      switch self {
      case .int8, .uint8: 1
      case .int16, .uint16: 2
      case .int32, .uint32, .single: 4
      case .int64, .uint64, .double: 8
      case .matrix, .compressed, .other: nil
      }
    }
  }

  private struct Element {
    var type: ElementType
    var data: Range<Int>
  }

  /// A variable, field or cell without its contents.
  private struct Variable {
    static let structure = 2
    static let numeric = 6...15

    var kind: Int
    var dimensions: [Int]
    var name: String
    /// What follows the name.
    var body: Range<Int>
    var count: Int
  }

  /// The element at `at`, which moves behind it.
  private func next(_ at: inout Int, end: Int) throws -> Element {
    guard end - at >= 8 else { throw truncated() }
    let first = try unsigned(at: at, size: 4)
    // Up to four bytes may lie in the tag itself.
    if first >> 16 != 0 {
      let size = first >> 16
      guard size <= 4 else { throw damaged("an element of \(size) bytes in 4") }
      defer { at += 8 }
      return Element(
        type: ElementType(rawValue: first & 0xFFFF) ?? .other, data: at + 4..<at + 4 + size)
    }
    let size = try unsigned(at: at + 4, size: 4)
    guard size <= end - at - 8 else { throw truncated() }
    let type = ElementType(rawValue: first) ?? .other
    let data = at + 8..<at + 8 + size
    at = type == .compressed ? data.upperBound : min(end, (data.upperBound + 7) / 8 * 8)
    return Element(type: type, data: data)
  }

  private func array(_ range: Range<Int>) throws -> Variable {
    var at = range.lowerBound
    // An empty matrix in a structure may have no contents at all.
    guard !range.isEmpty else {
      return Variable(kind: 0, dimensions: [], name: "", body: range, count: 0)
    }
    let flags = try next(&at, end: range.upperBound).data
    let dimensions = try next(&at, end: range.upperBound).data
    let name = try next(&at, end: range.upperBound).data
    guard flags.count == 8, dimensions.count % 4 == 0, (8...128).contains(dimensions.count) else {
      throw damaged("header of a matrix")
    }
    let kind = try unsigned(at: flags.lowerBound, size: 4) & 0xFF
    let sides = try stride(from: dimensions.lowerBound, to: dimensions.upperBound, by: 4).map {
      try unsigned(at: $0, size: 4)
    }
    var count = 1
    for side in sides {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: side)
      guard !isTooLarge else { throw damaged("a matrix of \(sides) elements") }
      count = product
    }
    return Variable(
      kind: kind, dimensions: sides, name: String(decoding: bytes[name], as: UTF8.self),
      body: at..<range.upperBound, count: count)
  }

  private func number(_ type: ElementType, at position: Int) throws -> Double {
    let size = type.size ?? 1
    let low = UInt64(try unsigned(at: position, size: min(size, 4)))
    switch type {
    case .int8: return Double(Int8(truncatingIfNeeded: low))
    case .int16: return Double(Int16(truncatingIfNeeded: low))
    case .int32: return Double(Int32(truncatingIfNeeded: low))
    case .single: return Double(Float(bitPattern: UInt32(low)))
    case .int64, .uint64, .double:
      let other = UInt64(try unsigned(at: position + 4, size: 4))
      let word = isBigEndian ? low << 32 | other : other << 32 | low
      switch type {
      case .double: return Double(bitPattern: word)
      case .int64: return Double(Int64(bitPattern: word))
      default: return Double(word)
      }
    default: return Double(low)
    }
  }

  /// A number of up to 4 bytes.
  private func unsigned(at position: Int, size: Int) throws -> Int {
    guard position >= 0, position <= bytes.count - size else { throw truncated() }
    var value = 0
    for i in 0..<size {
      value = value << 8 | Int(bytes[position + (isBigEndian ? i : size - 1 - i)])
    }
    return value
  }

  private func inflate(_ range: Range<Int>) throws -> MATFile {
    var out: UnsafeMutablePointer<UInt8>?
    var count = 0
    defer { si_free(out) }
    try CodecMessage.check(name, format: "MAT file", bytes: fileSize) { message in
      bytes.withUnsafeBufferPointer {
        si_inflate(
          $0.baseAddress.map { $0 + range.lowerBound }, range.count, Self.maximumBytes, &out,
          &count, message)
      }
    }
    return MATFile([UInt8](UnsafeBufferPointer(start: out, count: count)), in: self)
  }

  private func damaged(_ what: String) -> Failure {
    Failure(.badData, name, "damaged MAT file: \(what)")
  }

  private func truncated() -> Failure {
    Failure(
      .badData, name, "truncated MAT file of \(fileSize) bytes",
      hint: "the copy or download of this file was not finished; fetch it again")
  }
}
