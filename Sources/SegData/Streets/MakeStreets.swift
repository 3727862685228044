import FoundationEssentials
import SegCore

/// What `makeStreets` did.
public enum StreetsOutcome: Sendable, Equatable {
  /// Drew this many scenes.
  case written(Int)
  /// The same set was there, whole; nothing was touched.
  case kept
}

/// Draws a data set of street scenes in CamVid's folders: `<root>/<split>/NNNN.png` and
/// `<root>/<split>annot/NNNN.png` (palette PNG, classes of `StreetClass`), and `<root>/streets.json`.
///
/// - Parameters:
///   - seed: Less than 2⁶³.
///   - size: Of every scene, in pixels.
///   - counts: Scenes per split; a split of none gets no folder.
///   - force: Replaces another set, or files of unknown origin, below `root`.
///   - progress: Called after each scene with scenes done and scenes in all.
/// - Throws: `Failure` `.usage` for impossible sizes or counts, `.io` when `root` holds anything else
///   and `force` is off, or a file cannot be written.
@discardableResult
public func makeStreets(
  root: String, seed: UInt64 = 1, size: (height: Int, width: Int) = (128, 192),
  counts: (train: Int, val: Int, test: Int) = (240, 48, 24), force: Bool = false,
  progress: (Int, Int) -> Void = { _, _ in }
) throws -> StreetsOutcome {
  var record = StreetsRecord(
    version: StreetScene.version, seed: seed, height: size.height, width: size.width,
    train: counts.train, val: counts.val, test: counts.test, complete: true)
  try checkArguments(record)
  if try !force && standing(record, root: root) { return .kept }

  if force { try removeScenes(root: root) }
  try createFolder(root)
  record.complete = false
  try writeRecord(record, root: root)
  for split in record.splits where split.count > 0 {
    try createFolder(Folder.join(root, split.name))
    try createFolder(Folder.join(root, split.name + "annot"))
  }
  let palette = StreetClass.palette
  let files = record.files()
  for (done, file) in files.enumerated() {
    let scene = StreetScene(
      seed: seed, split: file.split, index: file.index, height: size.height, width: size.width)
    try PNGEncoder.write(
      Raster(height: scene.height, width: scene.width, channels: 3, pixels: scene.image),
      to: Folder.join(root, file.image))
    try PNGEncoder.write(
      LabelMap(
        height: scene.height, width: scene.width, pixels: scene.labels, palette: palette),
      to: Folder.join(root, file.label))
    progress(done + 1, files.count)
  }
  record.complete = true
  try writeRecord(record, root: root)
  return .written(files.count)
}

private func checkArguments(_ record: StreetsRecord) throws {
  let counts = record.splits.map(\.count)
  guard counts.allSatisfy({ (0...100_000).contains($0) }), counts.contains(where: { $0 > 0 }) else {
    throw Failure(
      .usage, "streets",
      "expected 0 to 100000 scenes per split and at least one scene, found "
        + counts.map(String.init).joined(separator: ", "))
  }
  guard (8...4096).contains(record.height), (8...4096).contains(record.width) else {
    throw Failure(
      .usage, "streets",
      "expected height and width of 8 to 4096 pixels, found \(record.height) and \(record.width)")
  }
  guard record.seed <= UInt64(Int.max) else {
    throw Failure(.usage, "streets", "expected a seed below 2^63, found \(record.seed)")
  }
}

/// Whether the wanted set stands at `root`; throws where something else does.
private func standing(_ wanted: StreetsRecord, root: String) throws -> Bool {
  let hint = "choose another folder, or overwrite this one with --force"
  guard var found = try StreetsRecord.read(root: root) else {
    let folders = wanted.splits.flatMap { [$0.name, $0.name + "annot"] }
    for folder in folders {
      let path = Folder.join(root, folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      guard names.isEmpty else {
        throw Failure(
          .io, path, "already holds \(names.count) files that are no street scenes on record",
          hint: hint)
      }
    }
    return false
  }
  let complete = found.complete
  found.complete = true
  guard found == wanted else {
    throw Failure(
      .io, root, "already holds street scenes of \(found.summary); wanted \(wanted.summary)",
      hint: hint)
  }
  return complete
    && wanted.files().allSatisfy { file in
      [file.image, file.label].allSatisfy {
        FileManager.default.fileExists(atPath: Folder.join(root, $0))
      }
    }
}

/// Scenes of an earlier set would otherwise join a smaller new one; other files stay.
private func removeScenes(root: String) throws {
  for split in ["train", "val", "test"] {
    for folder in [split, split + "annot"] {
      let path = Folder.join(root, folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      for name in names where StreetsRecord.isSceneName(name) {
        let file = Folder.join(path, name)
        do {
          try FileManager.default.removeItem(atPath: file)
        } catch {
          throw Failure(.io, file, "cannot remove: \(error)")
        }
      }
    }
  }
}

private func createFolder(_ path: String) throws {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw Failure(.io, path, "cannot create the folder: \(error)")
  }
}

private func writeRecord(_ record: StreetsRecord, root: String) throws {
  try FileBytes.write(Array(record.json.pretty.utf8), to: StreetsRecord.path(root: root))
}
