internal import SegCore

/// The two files of one sample.
public struct SamplePair: Hashable, Sendable {
  public var image: String
  public var label: String

  public init(image: String, label: String) {
    self.image = image
    self.label = label
  }
}

extension SamplePair {
  static let imageExtensions = ["png", "jpg", "jpeg"]

  /// Pairs the pictures of two folders by file stem, sorted by name.
  ///
  /// - Throws: `Failure` for a missing or empty folder, an image without label, a label without
  ///   image, or two files of one stem.
  static func match(images: String, labels: String) throws -> [SamplePair] {
    let imageFiles = try files(images, extensions: imageExtensions, what: "images")
    let labelFiles = try files(labels, extensions: ["png"], what: "labels")
    try requireSame(
      imageFiles, in: images, labelFiles, from: labels, what: "image", other: "label")
    try requireSame(
      labelFiles, in: labels, imageFiles, from: images, what: "label", other: "image")
    return zip(imageFiles, labelFiles).map {
      SamplePair(image: Folder.join(images, $0.name), label: Folder.join(labels, $1.name))
    }
  }

  private struct File {
    var stem: String
    var name: String
  }

  private static func files(_ folder: String, extensions: [String], what: String) throws -> [File] {
    let names = try Folder.list(folder)
    let files = names.compactMap { name in
      let (stem, ending) = Folder.stem(name)
      return extensions.contains(ending) ? File(stem: stem, name: name) : nil
    }.sorted { $0.stem.utf8.lexicographicallyPrecedes($1.stem.utf8) }
    let endings = extensions.map { "." + $0 }.joined(separator: ", ")
    guard !files.isEmpty else {
      throw Failure(
        .inputMissing, folder, "no \(what) (\(endings)) among its \(names.count) files")
    }
    for (a, b) in zip(files, files.dropFirst()) where a.stem == b.stem {
      throw Failure(
        .badData, folder, "two \(what) of one name: \(a.name) and \(b.name)",
        hint: "images and labels are paired by the name without its ending; keep one of the two")
    }
    return files
  }

  /// Every stem of `files` has one in `others`.
  private static func requireSame(
    _ files: [File], in folder: String, _ others: [File], from otherFolder: String, what: String,
    other: String
  ) throws {
    let stems = Set(others.map(\.stem))
    let lonely = files.filter { !stems.contains($0.stem) }
    guard let first = lonely.first else { return }
    let wanted = first.stem + (other == "label" ? ".png" : ".{png,jpg,jpeg}")
    let more = lonely.count == 1 ? "" : " (and \(lonely.count - 1) more like it)"
    throw Failure(
      .inputMissing, Folder.join(folder, first.name),
      "\(what) without \(other): looked for \(Folder.join(otherFolder, wanted))"
        + NearNames.note(first.stem, among: others.map(\.stem)) + more)
  }
}
