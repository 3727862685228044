import Glibc
import SegCore
import SegTestSupport
import Testing

@Suite struct FileWritingTests {
  @Test func replaces() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("old and longer", to: folder["a"])
    try AtomicFile.write("new", to: folder["a"])
    #expect(try InputFile.text(of: folder["a"]) == "new")
    #expect(try folder.names == ["a"])
  }

  @Test func refusesWhatIsNoFile() throws {
    let folder = try TemporaryFolder()
    let isFolder = failure { () throws(Failure) in try AtomicFile.write("", to: folder.path) }
    #expect(isFolder.status == .io)
    #expect(isFolder.problem == "expected a file or nothing to write to, found a folder")
    let device = failure { () throws(Failure) in try AtomicFile.write("", to: "/dev/null") }
    #expect(device.problem == "expected a file or nothing to write to, found a device or pipe")
    #expect(FileSystem.kind(of: "/dev/null") == .other)
    let noFolder = failure { () throws(Failure) in try AtomicFile.write("", to: folder["x/y"]) }
    #expect(noFolder.status == .io)
    #expect(noFolder.place == folder["x/y"])
    #expect(noFolder.problem == "cannot create: No such file or directory (errno 2)")
    #expect(noFolder.hint == "check that the parent folder exists")
  }

  @Test func theErrorOfTheBodyIsThrownAndNothingLeft() throws {
    let folder = try TemporaryFolder()
    let expected = Failure(.badData, "x", "y")
    let error = failure { () throws(Failure) in
      try AtomicFile.write(folder["a"]) { file throws(Failure) in
        try file.write("half")
        throw expected
      }
    }
    #expect(error == expected)
    #expect(try folder.names == [])
  }

  /// Every call in turn fails: the old file is there or the new one, whole, and no temporary is left.
  @Test(arguments: [ENOSPC, EIO]) func fileFaults(code: Int32) throws {
    let folder = try TemporaryFolder()
    let counting = FaultyDisk()
    try AtomicFile.write("new text", to: folder["a"], fileSystem: counting.fileSystem)
    #expect(counting.calls == 5, "open, write, fsync, rename, fsync of the folder")
    for call in 0..<counting.calls {
      try AtomicFile.write("old", to: folder["a"])
      let disk = FaultyDisk(failing: call, code: code)
      let error = failure { () throws(Failure) in
        try AtomicFile.write("new text", to: folder["a"], fileSystem: disk.fileSystem)
      }
      #expect(error.status == .io)
      #expect(error.place == (call == 4 ? folder.path : folder["a"]))
      #expect(try InputFile.text(of: folder["a"]) == (call == 4 ? "new text" : "old"))
      #expect(try folder.names == ["a"])
    }
  }

  private static func build(_ path: String, _ text: String, _ fileSystem: FileSystem)
    throws(Failure)
  {
    try AtomicDirectory.write(path, fileSystem: fileSystem) { directory throws(Failure) in
      try directory.write("one") { file throws(Failure) in try file.write(text) }
      try directory.write("two") { file throws(Failure) in try file.write(text + text) }
    }
  }

  /// The folder as text, nil where it is not there.
  private static func read(_ path: String) throws -> String? {
    guard FileSystem.kind(of: path) != nil else { return nil }
    return try FileSystem.entries(of: path).map { name in
      "\(name)=\(try InputFile.text(of: FilePath.join(path, name)))"
    }.joined(separator: " ")
  }

  @Test(arguments: [nil, "old"]) func folderFaults(old: String?) throws {
    let folder = try TemporaryFolder()
    let path = folder["d"]
    func reset() throws(Failure) {
      try FileSystem.standard.removeTree(path)
      if let old { try Self.build(path, old, .standard) }
    }
    try reset()
    let before = try Self.read(path)
    let counting = FaultyDisk()
    try Self.build(path, "new", counting.fileSystem)
    let after = try Self.read(path)
    #expect(after == "one=new two=newnew")
    #expect(before != after)
    #expect(counting.calls >= 10)
    for call in 0..<counting.calls {
      try reset()
      let disk = FaultyDisk(failing: call, code: EIO)
      let error = failure { () throws(Failure) in try Self.build(path, "new", disk.fileSystem) }
      #expect(error.status == .io)
      let found = try Self.read(path)
      #expect(found == before || found == after, "call \(call)")
      try Temporaries.removeStale(in: folder.path)
      #expect(try folder.names == (found == nil ? [] : ["d"]))
    }
  }

  /// Killed at any point: whole or not there, and what is left over is cleaned.
  @Test func killed() throws {
    let folder = try TemporaryFolder()
    let path = folder["d"]
    let counting = FaultyDisk()
    try Self.build(path, "new", counting.fileSystem)
    var left = 0
    for call in 0..<counting.calls {
      try FileSystem.standard.removeTree(path)
      let disk = FaultyDisk(failing: call, dead: true)
      _ = failure { () throws(Failure) in try Self.build(path, "new", disk.fileSystem) }
      let found = try Self.read(path)
      #expect(found == nil || found == "one=new two=newnew", "call \(call)")
      left += try Temporaries.removeStale(in: folder.path).count
      #expect(try folder.names == (found == nil ? [] : ["d"]))
    }
    #expect(left > 5, "the unfinished folders were there to be cleaned")
  }

  @Test func staleTemporaries() throws {
    let folder = try TemporaryFolder()
    // Process 1 lives and is not ours; 4194305 is above the largest process number of Linux.
    for name in [".tmp-segtrain-4194305-1", ".tmp-segtrain-1-1", ".tmp-other", "tmp-segtrain-1-1"] {
      try AtomicFile.write("", to: folder[name])
    }
    _ = try FileSystem.standard.makeDirectory(folder[".tmp-segtrain-4194305-2"])
    try AtomicFile.write("", to: folder[".tmp-segtrain-4194305-2/model"])
    let removed = try Temporaries.removeStale(in: folder.path)
    #expect(removed == [".tmp-segtrain-4194305-1", ".tmp-segtrain-4194305-2"])
    #expect(try folder.names == [".tmp-other", ".tmp-segtrain-1-1", "tmp-segtrain-1-1"])
    #expect(try Temporaries.removeStale(in: folder["none"]) == [])
  }

  @Test func appendContinues() throws {
    let folder = try TemporaryFolder()
    for text in ["one\n", "two\n"] { try OutputFile.append(to: folder["log"]).write(text) }
    #expect(try InputFile.text(of: folder["log"]) == "one\ntwo\n")
  }

  @Test func folders() throws {
    let folder = try TemporaryFolder()
    try FileSystem.standard.makeDirectories(folder["a/b/c"])
    try FileSystem.standard.makeDirectories(folder["a/b/c"])
    #expect(FileSystem.kind(of: folder["a/b/c"]) == .directory)
    try AtomicFile.write("", to: folder["f"])
    let error = failure { () throws(Failure) in
      try FileSystem.standard.makeDirectories(folder["f/g"])
    }
    #expect(error.status == .io)
    // A link is removed, what it points to stays.
    #expect(symlink(folder["f"], folder["a/link"]) == 0)
    try FileSystem.standard.removeTree(folder["a"])
    #expect(try folder.names == ["f"])
  }

  @Test func lock() throws {
    let folder = try TemporaryFolder()
    var lock: DirectoryLock? = try DirectoryLock(folder.path)
    #expect(lock != nil)
    let error = failure { () throws(Failure) in _ = try DirectoryLock(folder.path) }
    #expect(error.status == .io)
    #expect(error.problem == "another process is writing into this folder")
    lock = nil
    _ = try DirectoryLock(folder.path)
  }
}
