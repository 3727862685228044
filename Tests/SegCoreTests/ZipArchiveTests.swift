import SegCore
import SegTestSupport
import Testing

@Suite struct ZipArchiveTests {
  private static func with<Result>(
    _ bytes: [UInt8], _ body: (InputFile) throws(Failure) -> Result
  ) throws -> Result {
    let folder = try TemporaryFolder()
    try AtomicFile.write(bytes, to: folder["f.zip"])
    return try body(try InputFile(folder["f.zip"]))
  }

  private static let entries: [ZipBytes.Entry] = [
    .init(name: "a/one", data: [1, 2, 3]), .init(name: "a/none", data: []),
    .init(name: "a/two", data: [4], isLarge: true),
  ]

  @Test(arguments: [false, true]) func finds(isLarge: Bool) throws {
    var zip = ZipBytes(Self.entries)
    zip.isLarge = isLarge
    zip.comment = Array("PK\u{5}\u{6} not the end".utf8)
    try Self.with(zip.bytes) { file throws(Failure) in
      let archive = try ZipArchive(file)
      #expect(archive.entries.map(\.name) == ["a/one", "a/none", "a/two"])
      #expect(archive["a/three"] == nil)
      for entry in Self.entries {
        guard let found = archive[entry.name] else {
          Issue.record("\(entry.name) was not found")
          continue
        }
        let part = try archive.part(of: found)
        #expect(try part.file.read(part.range.count, at: part.range.lowerBound) == entry.data)
      }
    }
  }

  private func problem(_ entries: [ZipBytes.Entry], _ spoil: (inout ZipBytes) -> Void = { _ in })
    throws -> String
  {
    var zip = ZipBytes(entries)
    spoil(&zip)
    return try Self.with(zip.bytes) { file throws(Failure) in
      let error = failure { () throws(Failure) in
        let archive = try ZipArchive(file)
        for entry in archive.entries { _ = try archive.part(of: entry) }
      }
      #expect(error.status == .badData)
      #expect(error.place == file.path)
      return error.problem
    }
  }

  @Test func refuses() throws {
    #expect(
      try problem([.init(name: "a", data: [1]), .init(name: "a", data: [1])]).contains(
        #"two entries are called "a""#))
    for name in ["/a", "../a", "a/../b", "", "a\0b", "a\\b"] {
      #expect(
        try problem([.init(name: name, data: [1])]).contains("expected a relative name"), "\(name)")
    }
    #expect(
      try problem([.init(name: "a", data: [1], method: 14)]).contains(
        "expected it to be stored or deflated, found compression method 14"))
    #expect(try problem([.init(name: "a", data: [1], flags: 1)]).contains("is encrypted"))
    #expect(
      try problem([.init(name: "a", data: [1], claimedSize: 1 << 20)]).contains(
        "do not fit before the directory"))
    #expect(
      try problem([.init(name: "a", data: [1], claimedOffset: 1 << 20)]).contains(
        "do not fit before the directory"))
    #expect(
      try problem([.init(name: "a", data: [1], claimedSize: .max, isLarge: true)]).contains(
        "do not fit before the directory"))
    #expect(
      try problem([.init(name: "a", data: [1], claimedSize: -1, isLarge: true)]).contains(
        "cannot be"))
    // Fits before the directory, but not behind the entry's own header.
    #expect(
      try problem([.init(name: "a", data: [1], claimedSize: 30)]).contains("expected 30 bytes"))
    #expect(
      try problem([.init(name: "a", data: [1]), .init(name: "b", data: [1], claimedOffset: 0)])
        .contains("its own header and the directory disagree"))
    #expect(
      try problem([.init(name: "a", data: [1]), .init(name: "b", data: [1], claimedOffset: 1)])
        .contains("expected the signature of an entry"))
    #expect(
      try problem([.init(name: String(repeating: "n", count: 600), data: [])]).contains(
        "expected a name of at most 512 bytes, found 600"))
  }

  @Test func endRecord() throws {
    let good = ZipBytes(Self.entries).bytes
    func problem(_ change: (inout [UInt8]) -> Void) throws -> String {
      var bytes = good
      change(&bytes)
      return try Self.with(bytes) { file throws(Failure) in
        failure { () throws(Failure) in _ = try ZipArchive(file) }.problem
      }
    }
    let end = good.count - 22
    #expect(try problem { $0.removeLast() }.contains("expected its table of contents at the end"))
    #expect(try problem { $0[end + 4] = 1 }.contains("expected one disk"))
    #expect(try problem { $0[end + 8] = 2 }.contains("expected one disk"))
    #expect(try problem { $0[end + 17] = 0xFF }.contains("does not fit the file"))
    #expect(
      try problem {
        $0[end + 8] = 200
        $0[end + 10] = 200
      }.contains("200 entries are more than"))
    #expect(
      try problem {
        $0[end + 8] = 2
        $0[end + 10] = 2
      }.contains("expected the end of the directory"))
  }
}
