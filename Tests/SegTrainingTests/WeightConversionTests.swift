import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct WeightConversionTests {
  private static let halves = StoredTensor(
    name: "module.w", dtype: .f16, shape: [2], bytes: [0x00, 0x3C, 0x00, 0xC0])
  private static let counter = StoredTensor(name: "module.n", shape: [], integers: [7])

  private func write(_ tensors: [StoredTensor]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try SafetensorsFile(tensors: tensors, metadata: ["note": "kept"]).write(to: folder["in"])
    return folder
  }

  @Test func asStored() throws {
    let folder = try write([Self.halves, Self.counter])
    try WeightConversion(folder["in"], types: .stored).write(to: folder["out"])
    let written = try SafetensorsFile.read(folder["out"])
    #expect(written.tensors.map(\.name) == ["w", "n"])
    #expect(written.tensors.map(\.dtype) == [.f16, .i64])
    #expect(written.tensors.map(\.bytes) == [Self.halves.bytes, Self.counter.bytes])
    #expect(written.metadata.map(\.key) == ["format", "note"])
  }

  @Test func asFloats() throws {
    let folder = try write([Self.halves, Self.counter])
    try WeightConversion(folder["in"], types: .f32).write(to: folder["out"])
    let written = try SafetensorsFile.read(folder["out"])
    #expect(written.tensors.map(\.dtype) == [.f32, .i64])
    #expect(try written["w"]?.floats() == [1, -2])
    #expect(try written["n"]?.integers() == [7])
  }

  @Test func nothingIsLeftOfAFailure() throws {
    let large = StoredTensor(
      name: "w", dtype: .f64, shape: [1], bytes: [1e39].withUnsafeBytes { Array($0) })
    let folder = try write([large])
    let conversion = try WeightConversion(folder["in"], types: .f32)
    let error = failure { () throws(Failure) in try conversion.write(to: folder["out"]) }
    #expect(error.place == folder["in"])
    #expect(error.problem.contains("is beyond the range of F32"))
    #expect(try folder.names == ["in"])
  }

  @Test func inspection() throws {
    let folder = try write([Self.halves, Self.counter])
    let inspection = try WeightInspection(folder["in"], md5: true)
    let tensor = inspection.json["tensors"]
    guard case .array(let items)? = tensor else {
      Issue.record("no tensors in \(inspection.json)")
      return
    }
    #expect(items.map { $0["name"] } == [.string("module.w"), .string("module.n")])
    #expect(items[0]["dtype"] == .string("F16"))
    #expect(items[0]["shape"] == .array([.integer(2)]))
    #expect(items[0]["md5"] == .string(MD5.hash(Self.halves.bytes)))
    #expect(
      inspection.json["notes"]
        == .array([.string("every name starts with \"module.\", which is taken off")]))
    #expect(inspection.text.contains("in: safetensors, 2 tensors, 3 elements, 12 bytes"))
    #expect(inspection.text.contains("note: kept"))
  }
}
