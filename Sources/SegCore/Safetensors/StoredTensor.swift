/// A named tensor as a file holds it: element type, shape and little-endian bytes, row-major.
public struct StoredTensor: Sendable, Equatable {
  public var name: String
  public var dtype: StoredDType
  public var shape: Shape
  public var bytes: [UInt8]

  public init(name: String, dtype: StoredDType, shape: Shape, bytes: [UInt8]) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }

  /// A float tensor (`F32`).
  public init(_ tensor: HostTensor) {
    self.init(
      name: tensor.name, dtype: .f32, shape: tensor.shape,
      bytes: tensor.values.withUnsafeBytes { Array($0) })
  }

  /// A tensor of whole numbers (`I64`), e.g. `num_batches_tracked` with shape `[]`.
  public init(name: String, shape: Shape, integers: [Int64]) {
    self.init(
      name: name, dtype: .i64, shape: shape, bytes: integers.withUnsafeBytes { Array($0) })
  }
}

extension StoredTensor {
  /// The values as floats: `F16` and `BF16` exactly, `F64` and whole numbers rounded to the nearest.
  ///
  /// - Throws: `.badData` for types that have no place in a checkpoint (complex, 8 bits and less), for
  ///   a finite `F64` beyond the range of floats, and where shape and bytes do not agree.
  public func floats() throws(Failure) -> [Float] {
    let count = try checkedCount()
    return switch dtype {
    case .f32: load(count, Float.self) { $0 }
    case .f16: load(count, Float16.self) { Float($0) }
    case .bf16: load(count, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .f64: try narrowed(load(count, Double.self) { $0 })
    case .bool: load(count, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .u8: load(count, UInt8.self) { Float($0) }
    case .i8: load(count, Int8.self) { Float($0) }
    case .u16: load(count, UInt16.self) { Float($0) }
    case .i16: load(count, Int16.self) { Float($0) }
    case .u32: load(count, UInt32.self) { Float($0) }
    case .i32: load(count, Int32.self) { Float($0) }
    case .u64: load(count, UInt64.self) { Float($0) }
    case .i64: load(count, Int64.self) { Float($0) }
    case .c64, .f8e4m3, .f8e5m2, .f8e8m0, .f6e2m3, .f6e3m2, .f4:
      throw unsupported("floats")
    }
  }

  /// The values as whole numbers, exactly.
  /// - Throws: `.badData` for other element types and for a `U64` beyond `Int`.
  public func integers() throws(Failure) -> [Int] {
    let count = try checkedCount()
    switch dtype {
    case .bool: return load(count, UInt8.self) { $0 == 0 ? 0 : 1 }
    case .u8: return load(count, UInt8.self) { Int($0) }
    case .i8: return load(count, Int8.self) { Int($0) }
    case .u16: return load(count, UInt16.self) { Int($0) }
    case .i16: return load(count, Int16.self) { Int($0) }
    case .u32: return load(count, UInt32.self) { Int($0) }
    case .i32: return load(count, Int32.self) { Int($0) }
    case .i64: return load(count, Int64.self) { Int($0) }
    case .u64:
      let values = load(count, UInt64.self) { $0 }
      if let large = values.first(where: { $0 > UInt64(Int.max) }) {
        throw Failure(.badData, name, "expected numbers up to \(Int.max), found \(large)")
      }
      return values.map { Int($0) }
    default: throw unsupported("whole numbers")
    }
  }

  private func checkedCount() throws(Failure) -> Int {
    guard let expected = dtype.byteCount(of: shape), expected == bytes.count else {
      let wanted = dtype.byteCount(of: shape).map { "\($0) bytes" } ?? "a shape that fits memory"
      throw Failure(
        .badData, name, "\(dtype.rawValue)\(shape): expected \(wanted), found \(bytes.count) bytes")
    }
    return expected * 8 / dtype.bits
  }

  private func unsupported(_ wanted: String) -> Failure {
    Failure(
      .badData, name, "cannot read \(dtype.rawValue) as \(wanted)",
      hint: "convert the file to F32 with the program that wrote it")
  }

  private func load<Raw: BitwiseCopyable, Value>(
    _ count: Int, _ type: Raw.Type, _ convert: (Raw) -> Value
  ) -> [Value] {
    bytes.withUnsafeBytes { source in
      [Value](unsafeUninitializedCapacity: count) { target, filled in
        for i in 0..<count {
          let raw = source.loadUnaligned(fromByteOffset: i * MemoryLayout<Raw>.stride, as: type)
          target.initializeElement(at: i, to: convert(raw))
        }
        filled = count
      }
    }
  }

  private func narrowed(_ values: [Double]) throws(Failure) -> [Float] {
    let floats = values.map { Float($0) }
    for i in floats.indices where floats[i].isInfinite && values[i].isFinite {
      throw Failure(
        .badData, name, "element \(i): \(values[i]) is beyond the range of F32")
    }
    return floats
  }
}
