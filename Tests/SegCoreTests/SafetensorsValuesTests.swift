import SegCore
import SegTestSupport
import Testing

@Suite struct SafetensorsValuesTests {
  private func tensor<Raw: BitwiseCopyable>(_ dtype: StoredDType, _ values: [Raw]) -> StoredTensor {
    StoredTensor(
      name: "t", dtype: dtype, shape: [values.count], bytes: values.withUnsafeBytes { Array($0) })
  }

  @Test func wholeNumbers() throws {
    let cases: [(StoredTensor, [Int])] = [
      (tensor(.bool, [UInt8(0), 1, 2]), [0, 1, 1]),
      (tensor(.u8, [UInt8.min, 200, .max]), [0, 200, 255]),
      (tensor(.i8, [Int8.min, -1, .max]), [-128, -1, 127]),
      (tensor(.u16, [UInt16.min, .max]), [0, 65535]),
      (tensor(.i16, [Int16.min, .max]), [-32768, 32767]),
      (tensor(.u32, [UInt32.min, .max]), [0, 4_294_967_295]),
      (tensor(.i32, [Int32.min, .max]), [-2_147_483_648, 2_147_483_647]),
      (tensor(.i64, [Int64.min, -1, .max]), [.min, -1, .max]),
      (tensor(.u64, [UInt64(7)]), [7]),
    ]
    for (stored, expected) in cases {
      #expect(try stored.integers() == expected, "\(stored.dtype)")
      #expect(try stored.floats() == expected.map { Float($0) }, "\(stored.dtype)")
    }
    let error = failure { () throws(Failure) in _ = try tensor(.u64, [UInt64.max]).integers() }
    #expect(
      error.problem == "expected numbers up to 9223372036854775807, found 18446744073709551615")
  }

  /// Bit patterns of IEEE 754 half precision and of bfloat16, with the values they stand for.
  @Test func halves() throws {
    let f16: [(UInt16, Float)] = [
      (0x0000, 0), (0x3C00, 1), (0xC000, -2), (0x7BFF, 65504), (0x0400, 0x1p-14),
      (0x0001, 0x1p-24), (0x3555, 0.333251953125), (0x7C00, .infinity), (0xFC00, -.infinity),
    ]
    #expect(try tensor(.f16, f16.map(\.0)).floats() == f16.map(\.1))
    let bf16: [(UInt16, Float)] = [
      (0x0000, 0), (0x3F80, 1), (0xC000, -2), (0x3EAB, 0.333984375), (0x7F80, .infinity),
      (0x0080, 0x1p-126),
    ]
    #expect(try tensor(.bf16, bf16.map(\.0)).floats() == bf16.map(\.1))
    #expect(try tensor(.f16, [UInt16(0x7E00)]).floats()[0].isNaN)
    #expect(try tensor(.bf16, [UInt16(0x7FC0)]).floats()[0].isNaN)
  }

  @Test func doubles() throws {
    let values = [0.1, -1e300 / 1e290, .infinity, 1 + 0x1p-24, 1 + 0x1.8p-23]
    #expect(try tensor(.f64, values).floats() == [0.1, -1e10, .infinity, 1, 1 + 0x1p-22])
    let error = failure { () throws(Failure) in _ = try tensor(.f64, [0, 1e39]).floats() }
    #expect(error.status == .badData)
    #expect(error.problem == "element 1: 1e+39 is beyond the range of F32")
  }

  @Test func notAligned() throws {
    let bytes = [UInt8(9)] + [Float(1), 2].withUnsafeBytes { Array($0) }
    let stored = StoredTensor(name: "t", dtype: .f32, shape: [2], bytes: Array(bytes.dropFirst()))
    #expect(try stored.floats() == [1, 2])
  }

  @Test(arguments: [StoredDType.c64, .f8e4m3, .f8e5m2, .f8e8m0, .f6e2m3, .f6e3m2, .f4])
  func unsupported(dtype: StoredDType) throws {
    let stored = StoredTensor(
      name: "t", dtype: dtype, shape: [8], bytes: [UInt8](repeating: 0, count: dtype.bits))
    let floats = failure { () throws(Failure) in _ = try stored.floats() }
    #expect(floats.status == .badData)
    #expect(floats.problem == "cannot read \(dtype.rawValue) as floats")
    let integers = failure { () throws(Failure) in _ = try stored.integers() }
    #expect(integers.problem == "cannot read \(dtype.rawValue) as whole numbers")
  }

  @Test func shapeAndBytesDisagree() {
    let stored = StoredTensor(name: "t", dtype: .f32, shape: [2], bytes: [0, 0, 0, 0])
    let error = failure { () throws(Failure) in _ = try stored.floats() }
    #expect(error.place == "t")
    #expect(error.problem == "F32[2]: expected 8 bytes, found 4 bytes")
  }

  @Test func sizes() {
    for dtype in StoredDType.allCases {
      #expect(dtype.byteCount(of: [4, 2]) == dtype.bits)
      #expect(dtype.byteCount(of: [0, 3]) == 0)
      #expect(dtype.byteCount(of: [.max, 3]) == nil)
      #expect(dtype.byteCount(of: [-1]) == nil)
    }
  }
}
