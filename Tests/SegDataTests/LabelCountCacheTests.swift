import Glibc
import SegCore
import SegData
import Testing

/// Counts of label files are remembered exactly as long as the files stay as they were.
@Suite struct LabelCountCacheTests {
  private let folder: TemporaryFolder
  private let config: DataConfig
  private let cache: LabelCountCache

  init() throws {
    folder = try TemporaryFolder()
    try makeStreets(
      root: "\(folder.path)/data", seed: 5, size: (height: 32, width: 48), counts: (2, 1, 0))
    config = DataConfig(layout: "streets", root: "\(folder.path)/data")
    cache = LabelCountCache(folder: "\(folder.path)/cache", settling: 0)
  }

  /// Counts, pretending that the result is `result`; tells whether it was asked to count.
  private func counts(
    _ result: Int, what: String = "splits", reading: JSONValue = .null, keep: Bool = true,
    cache other: LabelCountCache? = nil
  ) throws -> (value: JSONValue, wasCounted: Bool, isRemembered: Bool) {
    let files = LabelFiles(
      [try FileDataset(config, split: "train"), try FileDataset(config, split: "val")],
      reading: reading)
    // A file written within this tick of the clock is not yet old.
    usleep(20_000)
    var wasCounted = false
    let found = try (other ?? cache).counts(what, of: files) {
      wasCounted = true
      return (.integer(result), keep)
    }
    return (found.0, wasCounted, found.isRemembered)
  }

  @Test func theSecondTimeNothingIsCounted() throws {
    let first = try counts(1)
    #expect(first.value == .integer(1) && first.wasCounted && !first.isRemembered)
    let second = try counts(2)
    #expect(second.value == .integer(1) && !second.wasCounted && second.isRemembered)
  }

  @Test func anotherQuestionIsCounted() throws {
    _ = try counts(1)
    #expect(try counts(2, what: "first of 4").wasCounted)
    #expect(try counts(3, reading: .fields(["label_map": .null])).wasCounted)
    #expect(try counts(4).value == .integer(1))
  }

  @Test(arguments: ["contents", "size kept, times put back", "one more", "one less"])
  func aChangedFileIsCounted(_ change: String) throws {
    _ = try counts(1)
    let dataset = try FileDataset(config, split: "train")
    let label = dataset.labelPath(at: 0)
    switch change {
    case "contents": try AtomicFile.write("no picture", to: label)
    case "size kept, times put back":
      var status = stat()
      #expect(stat(label, &status) == 0)
      let bytes = try InputFile.contents(of: label)
      let file = try #require(fopen(label, "r+"))
      fputc(Int32(~bytes[bytes.count - 1]), file)
      fclose(file)
      var times = [status.st_atim, status.st_mtim]
      #expect(utimensat(AT_FDCWD, label, &times, 0) == 0)
    case "one more":
      for path in [dataset.imagePath(at: 0), label] {
        let other = FilePath.join(FilePath.parent(of: path), "9999.png")
        try AtomicFile.write(InputFile.contents(of: path), to: other)
      }
    default:
      for path in [dataset.imagePath(at: 0), label] { try FileSystem.standard.removeFile(path) }
    }
    let second = try counts(2)
    #expect(second.value == .integer(2) && second.wasCounted)
  }

  @Test func whatIsYoungOrUnsoundIsNotRemembered() throws {
    _ = try counts(1, keep: false)
    #expect(try counts(2).wasCounted)
    let careful = LabelCountCache(folder: "\(folder.path)/careful")
    _ = try counts(3, cache: careful)
    #expect(try counts(4, cache: careful).wasCounted)
  }

  @Test func aDamagedEntryIsPassedOver() throws {
    _ = try counts(1)
    let entries = try FileSystem.entries(of: cache.folder)
    #expect(entries.count == 1)
    let path = FilePath.join(cache.folder, entries[0])
    let text = try InputFile.text(of: path)
    for damaged in ["", "{", text.replacing("1", with: "2"), #"{"counts": 7}"#] {
      try AtomicFile.write(damaged, to: path)
      let again = try counts(5)
      #expect(again.value == .integer(5) && again.wasCounted)
      try AtomicFile.write(text, to: path)
    }
    #expect(try counts(6).value == .integer(1))
  }

  @Test func aFolderThatCannotBeWrittenDoesNotMatter() throws {
    let nowhere = LabelCountCache(folder: "/proc/no/such/place", settling: 0)
    for value in 1...2 {
      let found = try counts(value, cache: nowhere)
      #expect(found.value == .integer(value) && found.wasCounted)
    }
  }

  @Test func statisticsSurvive() throws {
    let inspection = try DataInspection(config, splits: ["train", "val"], readImages: false)
    let stats = DataStats(inspection)
    let text = stats.counts.compact
    let read = try JSONNode.parse(Array(text.utf8), name: "counts").value
    #expect(DataStats(classes: stats.classes, counts: read) == stats)
    #expect(DataStats(classes: Array(stats.classes.dropLast()), counts: read) == nil)
    #expect(DataStats(classes: stats.classes, counts: .array([.null])) == nil)
  }
}
