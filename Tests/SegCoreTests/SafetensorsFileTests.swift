import Glibc
import SegCore
import SegTestSupport
import Testing

@Suite struct SafetensorsFileTests {
  private static let example = SafetensorsFile(
    tensors: [
      StoredTensor(
        HostTensor(name: "z.weight", shape: [2, 3], values: [1, -2, 3.5, 0, -0.0, 0x1p-149])),
      StoredTensor(name: "a.count", shape: [], integers: [7]),
      StoredTensor(name: "flag", dtype: .bool, shape: [3], bytes: [0, 1, 1]),
      StoredTensor(name: "empty", dtype: .f64, shape: [4, 0], bytes: []),
    ], metadata: ["format": "pt", "a \"quoted\" key": "line\nbreak"])

  @Test func roundTrip() throws {
    let folder = try TemporaryFolder()
    try Self.example.write(to: folder["m.safetensors"])
    let read = try SafetensorsFile.read(folder["m.safetensors"])
    #expect(read.tensors == Self.example.tensors)
    #expect(read.metadata.map(\.key) == ["format", "a \"quoted\" key"])
    #expect(read.metadata.map(\.value) == ["pt", "line\nbreak"])
    #expect(read["flag"]?.bytes == [0, 1, 1])
    #expect(read["nothing"] == nil)

    let reader = try SafetensorsReader(folder["m.safetensors"])
    #expect(reader.metadata("format") == "pt")
    let weight = try reader.floats(reader.entries[0])
    #expect(
      weight.values.map(\.bitPattern) == [1, -2, 3.5, 0, -0.0, 0x1p-149].map(\Float.bitPattern))
    #expect(try reader.floats(reader.entries[1]).values == [7])
  }

  /// The exact bytes: order as given, no spaces in the JSON, padding to a multiple of 8.
  @Test func bytes() throws {
    let folder = try TemporaryFolder()
    let file = SafetensorsFile(
      tensors: [
        StoredTensor(name: "b", dtype: .u8, shape: [2], bytes: [1, 2]),
        StoredTensor(name: "a", dtype: .u8, shape: [], bytes: [3]),
      ], metadata: ["k": "v"])
    try file.write(to: folder["f"])
    let json =
      #"{"__metadata__":{"k":"v"},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
      + #""a":{"dtype":"U8","shape":[],"data_offsets":[2,3]}}"#
    let padded = json + String(repeating: " ", count: (8 - json.utf8.count % 8) % 8)
    let length = [UInt8(padded.utf8.count), 0, 0, 0, 0, 0, 0, 0]
    #expect(try InputFile.contents(of: folder["f"]) == length + Array(padded.utf8) + [1, 2, 3])
    let sources = file.tensors.map(TensorSource.init)
    #expect(
      try SafetensorsWriter.byteCount(sources, metadata: file.metadata)
        == 8 + padded.utf8.count + 3)

    try SafetensorsFile().write(to: folder["none"])
    #expect(
      try InputFile.contents(of: folder["none"]) == [8, 0, 0, 0, 0, 0, 0, 0]
        + Array("{}      ".utf8))
  }

  @Test func refusesToWrite() throws {
    let folder = try TemporaryFolder()
    func problem(_ tensors: [TensorSource], _ metadata: [(key: String, value: String)] = [])
      -> String
    {
      let error = failure { () throws(Failure) in
        try AtomicFile.write(folder["f"]) { file throws(Failure) in
          try SafetensorsWriter.write(tensors, metadata: metadata, to: file)
        }
      }
      #expect(error.status == .internal)
      #expect(error.place == folder["f"])
      return error.problem
    }
    let good = TensorSource(name: "a", shape: [1]) { [1] }
    #expect(problem([good, good]) == #"two tensors are called "a""#)
    #expect(
      problem([TensorSource(name: "__metadata__", shape: [1]) { [1] }])
        == #"two tensors are called "__metadata__""#)
    #expect(
      problem([good], [("k", "1"), ("k", "2")]) == #"two metadata entries are called "k""#)
    #expect(
      problem([TensorSource(name: "b", shape: [2]) { [1] }])
        == #"tensor "b": expected 8 bytes, got 4"#)
    #expect(
      problem([TensorSource(name: "c", dtype: .f4, shape: [1]) { _ in }])
        == #"tensor "c": F4[1] has no size"#)
    #expect(try folder.names == [])
  }

  @Test func lengthPrefix() throws {
    let folder = try TemporaryFolder()
    func problem(_ bytes: [UInt8]) throws -> String {
      try AtomicFile.write(bytes, to: folder["f"])
      return failure { () throws(Failure) in _ = try SafetensorsReader(folder["f"]) }.problem
    }
    #expect(
      try problem([1, 2]) == "expected at least the 8 bytes of the header length, found 2 bytes")
    #expect(
      try problem([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7B])
        == "expected a header of at most 100000000 bytes, found length 18446744073709551615")
    #expect(
      try problem([0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0])
        == "expected a header of at most 100000000 bytes, found length 100000001")
    #expect(
      try problem([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])
        == "the header is to have 3 bytes, but only 2 follow")
    let missing = failure { () throws(Failure) in _ = try SafetensorsReader(folder["none"]) }
    #expect(missing.status == .inputMissing)
  }

  @Test func cutShortWhileOpen() throws {
    let folder = try TemporaryFolder()
    try Self.example.write(to: folder["f"])
    let reader = try SafetensorsReader(folder["f"])
    // The same file, as another program does it that writes over it.
    #expect(truncate(folder["f"], reader.header.dataStart) == 0)
    let last = try #require(reader.entries.first { $0.name == "flag" })
    let error = failure { () throws(Failure) in _ = try reader.tensor(last) }
    #expect(error.status == .badData)
    #expect(error.problem.contains("found only 0"))
  }
}
