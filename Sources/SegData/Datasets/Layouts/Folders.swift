extension DatasetLayout {
  /// Anyone's data: `<root>/images/<split>/` and `<root>/masks/<split>/`, or the folders that
  /// `data.images` and `data.masks` name; the classes come from the config.
  public static let folders = DatasetLayout(
    name: "folders", table: nil,
    pairs: { config, split in
      try SamplePair.match(
        images: expand(config.images, split, config.root),
        labels: expand(config.masks, split, config.root))
    })

  /// `pattern` below `root`, every `{split}` replaced.
  static func expand(_ pattern: String, _ split: String, _ root: String) -> String {
    Folder.join(root, pattern.split("{split}").joined(separator: split))
  }
}

extension String {
  /// The pieces between occurrences of `separator`.
  fileprivate func split(_ separator: String) -> [String] {
    var pieces = [""]
    var rest = self[...]
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
