public import SegCore

extension DataSplit {
  /// A data set that is nothing but two folders: its classes are the values its masks hold.
  public static func config(images: String, masks: String) -> DataConfig {
    DataConfig(
      layout: DatasetLayout.folders.name, root: "",
      classes: .list(values), images: images, masks: masks)
  }

  private static let values = (0...255).map { ClassInfo("value \($0)", RGB(0, 0, 0)) }

  /// Writes `train.txt`, `val.txt` and, with three ratios, `test.txt`.
  ///
  /// - Returns: the files written.
  /// - Throws: `Failure` `.io` when one of these is there and `force` is off, or cannot be written.
  @discardableResult
  public func write(to folder: String, force: Bool = false) throws -> [String] {
    for name in Self.names {
      let path = Folder.join(folder, "\(name).txt")
      guard FileSystem.kind(of: path) != nil else { continue }
      guard parts.contains(where: { $0.name == name }) else {
        throw Failure(
          .io, path, "is of another split: \(parts.count) ratios make no \(name).txt",
          hint: "remove it or choose another folder")
      }
      guard force else {
        throw Failure(
          .io, path, "is there already", hint: "choose another folder, or overwrite with --force")
      }
    }
    try FileSystem.standard.makeDirectories(folder)
    return try parts.map { part in
      let path = Folder.join(folder, "\(part.name).txt")
      try AtomicFile.write(part.lines.joined(separator: "\n") + "\n", to: path)
      return path
    }
  }

  /// `{seed, stratified, splits: [{split, ratio, share, samples, groups, pixels, ignored_pixels, classes: [{index, name,
  /// pixels, share, images}]}]}`; values of masks that no mask has are left out where the classes are these values.
  public var json: JSONValue {
    .fields([
      "seed": .string("\(options.seed)"), "stratified": .bool(options.isStratified),
      "splits": .array(
        zip(parts, stats.splits).map { part, split in
          .fields([
            "split": .string(part.name), "ratio": .number(part.ratio),
            "share": .number(share(split)), "samples": .integer(split.samples),
            "groups": .integer(part.groups), "pixels": .integer(split.counted + split.ignored),
            "ignored_pixels": .integer(split.ignored),
            "classes": .array(
              shown.map { index in
                .fields([
                  "index": .integer(index), "name": .string(stats.classes[index].name),
                  "pixels": .integer(split.pixels[index]), "share": .number(split.share(index)),
                  "images": .integer(split.images[index]),
                ])
              }),
          ])
        }),
    ])
  }

  /// For people: sizes of the splits, then images and pixels of each class in each.
  public var text: String {
    var sizes = TextTable(["split", "images", "share", "wanted", "groups", "ignored"], left: [0])
    for (part, split) in zip(parts, stats.splits) {
      sizes.add([
        part.name, "\(split.samples)", TextTable.percent(share(split)),
        TextTable.percent(part.ratio), "\(part.groups)", TextTable.percent(split.ignoredShare),
      ])
    }
    var classes = TextTable(
      ["", "class"] + parts.map { "\($0.name) images" } + parts.map { "\($0.name) pixels" },
      left: [1])
    for index in shown {
      classes.add(
        ["\(index)", stats.classes[index].name] + stats.splits.map { "\($0.images[index])" }
          + stats.splits.map { "\($0.pixels[index])" })
    }
    var lines = sizes.lines + [""] + classes.lines
    for (part, split) in zip(parts, stats.splits) {
      let absent = shown.filter { split.images[$0] == 0 }.map { stats.classes[$0].name }
      if !absent.isEmpty {
        lines.append("  not in \(part.name): \(absent.joined(separator: ", "))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func share(_ split: DataStats.SplitStats) -> Double {
    let all = stats.splits.map(\.samples).reduce(0, +)
    return all > 0 ? Double(split.samples) / Double(all) : 0
  }

  /// Classes to report: those of the config, or the values there are.
  private var shown: [Int] {
    stats.classes.indices.filter { index in
      !isOfValues || stats.splits.contains { $0.images[index] > 0 }
    }
  }

  private var isOfValues: Bool { stats.classes == Self.values }
}
