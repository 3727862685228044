internal import SegCore

/// A file of a split that has no partner, or a listed sample without its files.
public struct PairProblem: Sendable, Equatable {
  public enum Kind: Sendable { case twice, noLabel, noImage, listed }

  public var kind: Kind
  public var file: String
  public var message: String
  public var hint: String?
}

/// The samples of a split, and what stands in the way of others.
public struct Pairing: Sendable, Equatable {
  public var pairs: [SamplePair] = []
  public var problems: [PairProblem] = []

  /// The pairs of a split that is whole.
  ///
  /// - Throws: `Failure` of the first problem, with the number of others like it: `.badData` for two
  ///   files of one name, else `.inputMissing`.
  public func complete() throws -> [SamplePair] {
    guard let first = problems.first else { return pairs }
    let alike = problems.count { $0.kind == first.kind }
    let isTwice = first.kind == .twice
    throw Failure(
      isTwice ? .badData : .inputMissing, isTwice ? Folder.split(first.file).parent : first.file,
      first.message + (alike == 1 || isTwice ? "" : " (and \(alike - 1) more like it)"),
      hint: first.hint)
  }

  /// Pairs files of one key, sorted by it.
  static func match(_ images: FileSide, _ labels: FileSide) -> Pairing {
    var pairing = Pairing()
    let imagePaths = pairing.unique(images)
    let labelPaths = pairing.unique(labels)
    let names = (images: imagePaths.map(\.key), labels: labelPaths.map(\.key))
    let byKey = Dictionary(uniqueKeysWithValues: labelPaths.map { ($0.key, $0.path) })
    var lonely = [FileSide.File]()
    for image in imagePaths {
      if let label = byKey[image.key] {
        pairing.pairs.append(SamplePair(image: image.path, label: label))
      } else {
        lonely.append(image)
      }
    }
    pairing.add(lonely, .noLabel, of: images, missing: labels, near: names.labels)
    let known = Set(names.images)
    pairing.add(
      labelPaths.filter { !known.contains($0.key) }, .noImage, of: labels, missing: images,
      near: names.images)
    if pairing.pairs.isEmpty {
      for index in pairing.problems.indices where pairing.problems[index].hint == nil {
        pairing.problems[index].hint =
          "the names must be equal but for their endings; no image has a label of its name"
      }
    }
    return pairing
  }

  /// The files of a side by key, the first of each; further ones become problems.
  private mutating func unique(_ side: FileSide) -> [FileSide.File] {
    let sorted = side.files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var kept: [FileSide.File] = []
    for file in sorted {
      guard let last = kept.last, last.key == file.key else {
        kept.append(file)
        continue
      }
      let names = [last.path, file.path].map { Folder.split($0).name }
      problems.append(
        PairProblem(
          kind: .twice, file: file.path,
          message: "two \(side.content.rawValue) of one name: \(names.joined(separator: " and "))",
          hint: "images and labels are paired by the name without its ending; keep one of the two"))
    }
    return kept
  }

  /// Files without partner; names near the first are looked for, which takes too long for all.
  private mutating func add(
    _ files: [FileSide.File], _ kind: PairProblem.Kind, of side: FileSide, missing: FileSide,
    near names: [String]
  ) {
    for (index, file) in files.enumerated() {
      let near = index == 0 ? NearNames.note(file.key, among: names) : ""
      problems.append(
        PairProblem(
          kind: kind, file: file.path,
          message: "\(side.content.one) without \(missing.content.one): looked for "
            + missing.wanted(file.key) + near,
          hint: missing.hint))
    }
  }
}
