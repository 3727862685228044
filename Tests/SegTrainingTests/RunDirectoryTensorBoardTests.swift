import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunDirectoryTensorBoardTests {
  private static let clock = RunClock { 1.5 }

  private static func bytes(_ run: RunDirectory) throws -> [UInt8] {
    try InputFile.contents(of: FilePath.join(run.tensorBoard, TensorBoardWriter.fileName))
  }

  /// Byte for byte: made by hand from the format, checksums by a bitwise implementation in Python:
  /// `crc(b) = reflect(0x1EDC6F41)`, `masked = (crc >> 15 | crc << 17) + 0xA282EAD8`.
  @Test func format() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let writer = try TensorBoardWriter(run, clock: Self.clock)
    try writer.add(step: 300, [("loss", 0.5), ("lr", -2)])
    try writer.synchronize()
    #expect(try Self.bytes(run) == Self.golden)
  }

  /// Cut after any byte and resumed, the file is that of the whole run.
  @Test func resumed() throws {
    let folder = try TemporaryFolder()
    func write(_ run: RunDirectory, _ steps: ClosedRange<Int>, resuming: Int?) throws {
      let writer = try TensorBoardWriter(run, resumingAfter: resuming, clock: Self.clock)
      for step in steps { try writer.add(step: step, [("loss", 1 / Float(step))]) }
    }
    let whole = try RunDirectory.create(folder["whole"])
    try write(whole, 1...2, resuming: nil)
    let until2 = try Self.bytes(whole).count
    try write(whole, 3...4, resuming: 2)
    let expected = try Self.bytes(whole)
    let run = try RunDirectory.create(folder["run"])
    try write(run, 1...4, resuming: nil)
    #expect(try Self.bytes(run) == expected)
    let path = FilePath.join(run.tensorBoard, TensorBoardWriter.fileName)
    for cut in until2...expected.count {
      try AtomicFile.write(Array(expected[..<cut]), to: path)
      try write(run, 3...4, resuming: 2)
      #expect(try Self.bytes(run) == expected, "cut at \(cut)")
    }
    for cut in [0, 5, 20] {
      try AtomicFile.write(Array(expected[..<cut]), to: path)
      try write(run, 1...4, resuming: 0)
      #expect(try Self.bytes(run) == expected, "cut at \(cut)")
    }
    for at in [until2 + 3, until2 + 9, until2 + 15, until2 + 30] {
      var damaged = expected
      damaged[at] ^= 0x40
      try AtomicFile.write(damaged, to: path)
      try write(run, 3...4, resuming: 2)
      #expect(try Self.bytes(run) == expected, "damage at \(at)")
    }
    #expect(try FileSystem.entries(of: run.tensorBoard) == [TensorBoardWriter.fileName])
  }

  private static let golden: [UInt8] = [
    0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xA3, 0x7F, 0x4B, 0x22, 0x09, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xF8, 0x3F, 0x1A, 0x0D, 0x62, 0x72, 0x61, 0x69, 0x6E, 0x2E, 0x45, 0x76, 0x65,
    0x6E, 0x74, 0x3A, 0x32, 0x2A, 0x28, 0x64, 0x6C, 0x26, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x73, 0x4F, 0xE3, 0x00, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xF8, 0x3F, 0x10, 0xAC, 0x02,
    0x2A, 0x18, 0x0A, 0x0B, 0x0A, 0x04, 0x6C, 0x6F, 0x73, 0x73, 0x15, 0x00, 0x00, 0x00, 0x3F, 0x0A,
    0x09, 0x0A, 0x02, 0x6C, 0x72, 0x15, 0x00, 0x00, 0x00, 0xC0, 0xEF, 0xE5, 0x59, 0x67,
  ]
}
