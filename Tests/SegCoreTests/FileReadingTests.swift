import Glibc
import SegCore
import SegTestSupport
import Testing

@Suite struct FileReadingTests {
  @Test func contentsAndText() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("grüß\n", to: folder["a"])
    #expect(try InputFile.text(of: folder["a"]) == "grüß\n")
    try AtomicFile.write([], to: folder["empty"])
    #expect(try InputFile.contents(of: folder["empty"]) == [])
    #expect(try InputFile.contents(of: folder["a"], limit: 7) == Array("grüß\n".utf8))
  }

  @Test func missing() throws {
    let folder = try TemporaryFolder()
    let error = failure { () throws(Failure) in _ = try InputFile(folder["none"]) }
    #expect(error.status == .inputMissing)
    #expect(error.place == folder["none"])
    #expect(error.problem == "cannot read: No such file or directory (errno 2)")
    #expect(error.hint == "check the path")
  }

  @Test func unsuitable() throws {
    let folder = try TemporaryFolder()
    let isFolder = failure { () throws(Failure) in _ = try InputFile(folder.path) }
    #expect(isFolder.status == .io)
    #expect(isFolder.problem == "expected a file, found a folder")

    try AtomicFile.write([0xFF, 0xFE], to: folder["bytes"])
    let notText = failure { () throws(Failure) in _ = try InputFile.text(of: folder["bytes"]) }
    #expect(notText.status == .badData)
    #expect(notText.problem == "expected UTF-8 text, found other bytes")

    let tooLong = failure { () throws(Failure) in
      _ = try InputFile.contents(of: folder["bytes"], limit: 1)
    }
    #expect(tooLong.status == .badData)
    #expect(tooLong.problem == "expected at most 1 bytes, found more")

    let file = try InputFile(folder["bytes"])
    let behindEnd = failure { () throws(Failure) in _ = try file.read(3, at: 1) }
    #expect(behindEnd.status == .badData)
    #expect(behindEnd.problem == "expected 3 bytes at offset 1, found only 1")
  }

  @Test func endlessDeviceStopsAtTheLimit() {
    let error = failure { () throws(Failure) in
      _ = try InputFile.contents(of: "/dev/zero", limit: 100_000)
    }
    #expect(error.problem == "expected at most 100000 bytes, found more")
  }

  @Test func kinds() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("", to: folder["a"])
    #expect(FileSystem.kind(of: folder["a"]) == .file)
    #expect(FileSystem.kind(of: folder.path) == .directory)
    #expect(FileSystem.kind(of: "/dev/null") == .other)
    #expect(FileSystem.kind(of: folder["none"]) == nil)
    #expect((FileSystem.standard.freeBytes(at: folder.path) ?? 0) > 0)
  }

  @Test(arguments: [
    (ENOSPC, "cannot write: No space left on device (errno 28)", "free space on this disk"),
    (EIO, "cannot write: Input/output error (errno 5)", "the disk reported"),
    (EACCES, "cannot write: Permission denied (errno 13)", "check who owns"),
    (EROFS, "cannot write: Read-only file system (errno 30)", "this file system"),
  ])
  func texts(code: Int32, problem: String, hint: String) {
    let error = Failure.system("p", "write", code: code)
    #expect(error.status == .io)
    #expect(error.problem == problem)
    #expect(error.hint?.hasPrefix(hint) == true)
  }
}
