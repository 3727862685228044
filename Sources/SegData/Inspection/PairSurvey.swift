internal import SegCore

/// The files of a split that have a partner, and all those that have none.
struct PairSurvey {
  var pairs: [SamplePair] = []
  var problems: [DataProblem] = []

  /// Asks the layout; where it refuses, looks itself, to find every lonely file and not only the first.
  init(_ layout: DatasetLayout, _ config: DataConfig, split: String) throws {
    do {
      pairs = try layout.pairs(config, split)
      return
    } catch let failure as Failure where failure.status != .badConfig {
      problems = [DataProblem(split: split, kind: .missingFiles, failure)]
    }
    guard let folders = Self.folders[layout.name]?(config, split),
      let images = try? Folder.list(folders.images), let labels = try? Folder.list(folders.labels)
    else { return }
    match(Side(folders.images, images), Side(folders.labels, labels), split)
  }

  /// The two folders of layouts that pair files by their names.
  private static let folders:
    [String: @Sendable (DataConfig, String) -> (images: String, labels: String)] = [
      "camvid": annotFolders,
      "streets": annotFolders,
      "folders": { config, split in
        (
          DatasetLayout.expand(config.images, split, config.root),
          DatasetLayout.expand(config.masks, split, config.root)
        )
      },
    ]

  @Sendable private static func annotFolders(
    _ config: DataConfig, _ split: String
  ) -> (images: String, labels: String) {
    (Folder.join(config.root, split), Folder.join(config.root, split + "annot"))
  }

  /// The picture files of a folder by stem.
  private struct Side {
    let folder: String
    var names: [String: [String]] = [:]

    init(_ folder: String, _ list: [String]) {
      self.folder = folder
      for name in list {
        let (stem, ending) = Folder.stem(name)
        if SamplePair.imageExtensions.contains(ending) { names[stem, default: []].append(name) }
      }
    }

    func path(_ name: String) -> String { Folder.join(folder, name) }
  }

  private mutating func match(_ images: Side, _ labels: Side, _ split: String) {
    guard !images.names.isEmpty, !labels.names.isEmpty else { return }
    var found: [DataProblem] = []
    let stems = Set(images.names.keys).union(labels.names.keys)
    for stem in stems.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      let (image, label) = (images.names[stem] ?? [], labels.names[stem] ?? [])
      for (names, side, what) in [(image, images, "images"), (label, labels, "labels")]
      where names.count > 1 {
        found.append(
          DataProblem(
            split: split, file: side.path(names[1]), kind: .missingPair,
            message: "two \(what) of one name: \(names.joined(separator: " and "))",
            hint: "images and labels are paired by the name without its ending; keep one of the two"
          ))
      }
      if let image = image.first, let label = label.first {
        pairs.append(SamplePair(image: images.path(image), label: labels.path(label)))
        continue
      }
      let (lonely, side, what, other) =
        label.isEmpty
        ? (image[0], images, "image without label", labels)
        : (label[0], labels, "label without image", images)
      found.append(
        DataProblem(
          split: split, file: side.path(lonely), kind: .missingPair,
          message: "\(what): nothing called \(stem) in \(other.folder)"))
    }
    // The layout's own complaint was about the first of these.
    guard !found.isEmpty else { return }
    problems = found
    if pairs.isEmpty {
      let hint = "the names must be equal but for their endings; no image has a label of its name"
      for index in problems.indices where problems[index].hint == nil {
        problems[index].hint = hint
      }
    }
  }
}
