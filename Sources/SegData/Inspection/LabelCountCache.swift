import Glibc
public import SegCore

/// Remembers what was counted in label files, so that a second run on the same files does not open them all.
///
/// An entry's name is a digest of everything the counts depend on, so one that no longer fits is never found. Whatever
/// goes wrong with the cache costs the time of counting and nothing else.
public struct LabelCountCache: Sendable {
  public let folder: String
  /// Seconds a file has to be left alone before what is counted in it is remembered: one that is written again in the
  /// same tick of the clock would look the same.
  let settling: Double

  public init(folder: String, settling: Double = 2) {
    self.folder = folder
    self.settling = settling
  }

  /// The counts of `files`, from the cache or else from `count`.
  ///
  /// - Parameters:
  ///   - what: names the kind of count and its parameters.
  ///   - count: the counts, and whether they may be remembered.
  /// - Returns: the counts and whether they were remembered.
  public func counts(
    _ what: String, of files: LabelFiles, _ count: () throws -> (JSONValue, keep: Bool)
  ) throws -> (JSONValue, isRemembered: Bool) {
    guard let before = files.digest(of: what) else { return (try count().0, false) }
    if let found = read(before.digest) { return (found, true) }
    let (counts, keep) = try count()
    let isSettled = before.newest < before.taken - settling
    if keep, isSettled, files.digest(of: what)?.digest == before.digest {
      write(counts, before.digest)
    }
    return (counts, false)
  }

  private func path(_ digest: String) -> String { FilePath.join(folder, "\(digest).json") }

  private func read(_ digest: String) -> JSONValue? {
    let path = path(digest)
    guard FileSystem.kind(of: path) == .file, let bytes = try? InputFile.contents(of: path),
      let entry = try? JSONNode.parse(bytes, name: path).value,
      case .string(let sum)? = entry["sha256"], let counts = entry["counts"],
      sum == SHA256.hash(Array(counts.compact.utf8))
    else { return nil }
    return counts
  }

  private func write(_ counts: JSONValue, _ digest: String) {
    let sum = SHA256.hash(Array(counts.compact.utf8))
    let entry = JSONValue.fields(["sha256": .string(sum), "counts": counts])
    do {
      try FileSystem.standard.makeDirectories(folder)
      try AtomicFile.write(entry.pretty, to: path(digest))
    } catch {
      // Counting again is all it costs.
    }
  }
}

/// The label files of some splits and how they are read.
public struct LabelFiles: Sendable {
  private let datasets: [FileDataset]
  private let reading: JSONValue

  /// - Parameter reading: the resolved section `data`, with everything that decides how labels are read.
  public init(_ datasets: [FileDataset], reading: JSONValue) {
    self.datasets = datasets
    self.reading = reading
  }

  /// Changes with name, place, size and times of any file, with their order, with the way they are read and with the
  /// program itself; `nil` where a file cannot be looked at.
  func digest(of what: String) -> (digest: String, newest: Double, taken: Double)? {
    let taken = Self.seconds(Self.now())
    var hash = SHA256()
    var newest = 0.0
    func add(_ text: String) { hash.update(Array((text + "\n").utf8)) }
    func add(file path: String) -> Bool {
      var status = stat()
      guard stat(path, &status) == 0 else { return false }
      newest = max(newest, Self.seconds(status.st_mtim), Self.seconds(status.st_ctim))
      add(
        "\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(Self.text(status.st_mtim)) "
          + Self.text(status.st_ctim))
      return true
    }
    add("segtrain label counts 1")
    add(what)
    add(reading.compact)
    // Another build may read labels in another way.
    guard add(file: "/proc/self/exe") else { return nil }
    newest = 0
    for dataset in datasets {
      add("split \(dataset.split) \(dataset.count)")
      for index in 0..<dataset.count {
        guard add(file: dataset.labelPath(at: index)) else { return nil }
      }
    }
    return (hash.finalized(), newest, taken)
  }

  private static func text(_ time: timespec) -> String { "\(time.tv_sec).\(time.tv_nsec)" }

  private static func seconds(_ time: timespec) -> Double {
    Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private static func now() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time
  }
}
