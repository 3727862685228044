import Glibc
internal import SegCore

/// How a list of layout `folders` names samples.
struct ListedNames {
  private let root: String
  private let images, masks: PathPattern

  /// - Parameter config: of layout `folders`, with patterns without `{split}`.
  init(_ config: DataConfig) {
    root = config.root
    images = PathPattern(config.images, config.root, "")
    masks = PathPattern(config.masks, config.root, "")
  }

  /// What distinguishes a sample from the others in its folder.
  func name(_ pair: SamplePair) -> String { images.name(of: pair.image) }

  /// The sample's name, or both its files below the root where the name alone would not lead to them.
  ///
  /// - Throws: `Failure` `.badData` for a file that no list can name.
  func line(_ pair: SamplePair) throws -> String {
    let name = name(pair)
    if Self.isField(name, separators: \.isWhitespace),
      case .pair(let found) = ListFile.Found.find(
        image: images.paths(.images, name), masks.paths(.labels, name)),
      found == pair
    {
      return name
    }
    let files = [pair.image, pair.label].map(below)
    for file in files where !Self.isField(file, separators: { $0 == "\t" || $0.isNewline }) {
      throw Failure(
        .badData, file,
        "no list can name a file with #, a tab or a new line in its name, or a blank at its end",
        hint: "rename the file")
    }
    return files.joined(separator: "\t")
  }

  private static func isField(_ text: String, separators: (Character) -> Bool) -> Bool {
    guard let first = text.first, let last = text.last else { return false }
    return !first.isWhitespace && !last.isWhitespace
      && !text.contains { $0 == "#" || separators($0) }
  }

  private func below(_ path: String) -> String {
    let folder = root.hasSuffix("/") ? root : root + "/"
    if !root.isEmpty, path.hasPrefix(folder) { return String(path.dropFirst(folder.count)) }
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return Folder.join(String(cString: current), path)
  }
}
