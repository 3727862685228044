internal import CSegImage
internal import SegCore

/// Tags, sizes and numbers, every access checked against the bytes there are.
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

  struct Element {
    var type: ElementType
    var data: Range<Int>
  }

  /// A variable, field or cell without its contents.
  struct Variable {
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
  func next(_ at: inout Int, end: Int) throws -> Element {
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

  func array(_ range: Range<Int>) throws -> Variable {
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

  func number(_ type: ElementType, at position: Int) throws -> Double {
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
  func unsigned(at position: Int, size: Int) throws -> Int {
    guard position >= 0, position <= bytes.count - size else { throw truncated() }
    var value = 0
    for i in 0..<size {
      value = value << 8 | Int(bytes[position + (isBigEndian ? i : size - 1 - i)])
    }
    return value
  }

  func inflate(_ range: Range<Int>) throws -> MATFile {
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

  func damaged(_ what: String) -> Failure {
    Failure(.badData, name, "damaged MAT file: \(what)")
  }

  func truncated() -> Failure {
    Failure(
      .badData, name, "truncated MAT file of \(fileSize) bytes",
      hint: "the copy or download of this file was not finished; fetch it again")
  }
}
