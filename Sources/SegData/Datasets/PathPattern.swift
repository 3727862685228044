internal import SegCore

/// `data.images` or `data.masks` for one split: a folder, or file names with `{name}` in it.
struct PathPattern {
  private let folder: String
  private var prefix = ""
  private var suffix = ""
  /// The ending file names must have, where the pattern says one.
  private var ending: String?

  init(_ pattern: String, _ root: String, _ split: String) {
    let path = Folder.join(root, Self.fill(pattern, split: split))
    let (parent, last) = Folder.split(path)
    let parts = Self.pieces(last, "{name}")
    guard parts.count == 2 else {
      folder = path
      return
    }
    folder = parent
    prefix = parts[0]
    let (stem, written) = Folder.stem(parts[1])
    // ".png" alone is an ending, not a hidden file.
    let isEnding = stem.hasPrefix(".") && written.isEmpty
    suffix = isEnding ? "" : stem
    ending = isEnding ? String(stem.dropFirst()).lowercased() : written.isEmpty ? nil : written
  }

  /// `pattern` with every `{split}` replaced.
  static func fill(_ pattern: String, split: String) -> String {
    pieces(pattern, "{split}").joined(separator: split)
  }

  /// Every file of the folder that fits.
  func side(_ content: FileSide.Content) throws -> FileSide {
    try .folder(content, folder, prefix: prefix, suffix: suffix, endings: endings(content))
  }

  /// Where the file of a listed name may be; an ending in the list is not needed.
  func paths(_ content: FileSide.Content, _ name: String) -> [String] {
    let (stem, written) = Folder.stem(name)
    let bare = FileSide.Content.images.extensions.contains(written) ? stem : name
    return endings(content).map { Folder.join(folder, "\(prefix)\(bare)\(suffix).\($0)") }
  }

  /// What stands for `{name}` in the name of a file of the folder.
  func name(of path: String) -> String {
    String(Folder.stem(Folder.split(path).name).stem.dropFirst(prefix.count).dropLast(suffix.count))
  }

  private func endings(_ content: FileSide.Content) -> [String] {
    ending.map { [$0] } ?? content.extensions
  }

  /// The pieces between occurrences of `separator`.
  private static func pieces(_ text: String, _ separator: String) -> [String] {
    var pieces = [""]
    var rest = text[...]
    while let first = rest.first {
      if rest.hasPrefix(separator) {
        pieces.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        pieces[pieces.count - 1].append(first)
        rest = rest.dropFirst()
      }
    }
    return pieces
  }
}
