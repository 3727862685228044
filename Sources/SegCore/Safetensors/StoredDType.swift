/// Element types of tensors in files, with the names the safetensors format gives them.
public enum StoredDType: String, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case u16 = "U16"
  case i16 = "I16"
  case u32 = "U32"
  case i32 = "I32"
  case u64 = "U64"
  case i64 = "I64"
  case f16 = "F16"
  case bf16 = "BF16"
  case f32 = "F32"
  case f64 = "F64"
  case c64 = "C64"
  case f8e4m3 = "F8_E4M3"
  case f8e5m2 = "F8_E5M2"
  case f8e8m0 = "F8_E8M0"
  case f6e2m3 = "F6_E2M3"
  case f6e3m2 = "F6_E3M2"
  case f4 = "F4"

  /// Bits per element; elements below a byte are packed.
  public var bits: Int {
    switch self {
    case .f4: 4
    case .f6e2m3, .f6e3m2: 6
    case .bool, .u8, .i8, .f8e4m3, .f8e5m2, .f8e8m0: 8
    case .u16, .i16, .f16, .bf16: 16
    case .u32, .i32, .f32: 32
    case .u64, .i64, .f64, .c64: 64
    }
  }

  /// Bytes of a tensor of this type; nil where the number does not fit an `Int`, an extent is negative
  /// or the last byte would not be full.
  public func byteCount(of shape: Shape) -> Int? {
    var bits = self.bits
    var isEmpty = false
    for extent in shape.dims {
      if extent < 0 { return nil }
      // A zero further on must not hide an overflow before it, nor the other way round.
      if extent == 0 {
        isEmpty = true
        continue
      }
      let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      bits = product
    }
    if isEmpty { return 0 }
    return bits % 8 == 0 ? bits / 8 : nil
  }
}
