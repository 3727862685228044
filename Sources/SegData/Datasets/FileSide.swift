internal import SegCore

/// The pictures, or the labels, of a split, each with the key that pairs it.
struct FileSide {
  enum Content: String {
    case images, labels

    var one: String { self == .images ? "image" : "label" }
    var extensions: [String] { self == .images ? ["png", "jpg", "jpeg"] : ["png"] }
  }

  struct File {
    var key: String
    var path: String
  }

  var content: Content
  var files: [File] = []
  /// Where the file of a key would be, for messages.
  var wanted: (_ key: String) -> String
  /// What to do about files that are not there.
  var hint: String?

  /// The pictures of `folder` by name without ending, `prefix` and `suffix`; names that do not have
  /// both are no files of this side.
  ///
  /// - Throws: `Failure` `.inputMissing` for a folder that is missing or has no such file.
  static func folder(
    _ content: Content, _ folder: String, prefix: String = "", suffix: String = "",
    endings: [String]? = nil
  ) throws -> FileSide {
    let endings = endings ?? content.extensions
    let names = try Folder.list(folder)
    let files = names.compactMap { name -> File? in
      let (stem, ending) = Folder.stem(name)
      guard endings.contains(ending), stem.hasPrefix(prefix), stem.hasSuffix(suffix),
        stem.utf8.count > prefix.utf8.count + suffix.utf8.count
      else { return nil }
      let key = stem.dropFirst(prefix.count).dropLast(suffix.count)
      return File(key: String(key), path: Folder.join(folder, name))
    }
    guard !files.isEmpty else {
      let shown = endings.map { "\(suffix).\($0)" }.joined(separator: ", ")
      throw Failure(
        .inputMissing, folder,
        "no \(content.rawValue) (\(shown)) among its \(names.count) files")
    }
    return FileSide(content: content, files: files) { key in
      let ending = endings.count == 1 ? endings[0] : "{\(endings.joined(separator: ","))}"
      return Folder.join(folder, "\(prefix)\(key)\(suffix).\(ending)")
    }
  }
}
