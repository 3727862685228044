internal import SegCore

/// All problems of the inspected splits, in the order of splits and files.
public struct DataCheck: Sendable, Equatable {
  public var problems: [DataProblem]
  /// Pairs of image and label that were opened, by split.
  public var samples: [SplitCount]

  public struct SplitCount: Sendable, Equatable {
    public var split: String
    public var count: Int
  }

  public var errors: Int { problems.count { $0.severity == .error } }
  public var warnings: Int { problems.count { $0.severity == .warning } }

  public init(_ inspection: DataInspection) {
    samples = inspection.splits.map { SplitCount(split: $0.name, count: $0.files.count) }
    problems = inspection.splits.flatMap { split in
      let odd = OddSizes(split.files)
      return split.problems
        + split.files.flatMap { Self.problems($0, in: split, odd, inspection) }
        + Self.problems(split, inspection)
    }
  }

  private static func problems(
    _ file: FileInspection, in split: DataInspection.Split, _ odd: OddSizes,
    _ inspection: DataInspection
  ) -> [DataProblem] {
    var found: [DataProblem] = []
    if let failure = file.imageFailure {
      found.append(DataProblem(split: split.name, kind: .decodeError, failure))
    }
    if let failure = file.labelFailure {
      let kind: DataProblem.Kind = file.isLabelMode ? .labelMode : .decodeError
      found.append(DataProblem(split: split.name, kind: kind, failure))
    }
    if let image = file.imageSize, let label = file.labelSize, image != label {
      found.append(
        DataProblem(
          split: split.name, file: file.pair.label, kind: .sizeMismatch,
          message: "label is \(label), its image \(file.pair.image) is \(image)",
          hint: "image and label must have one size; has one of them been resized?"))
    }
    if let failure = file.valueFailure {
      var problem = DataProblem(split: split.name, kind: .labelValue, failure)
      let values = file.stored.indices.filter {
        file.stored[$0] > 0 && inspection.labels.invalid[$0] != 0
      }
      if values.count > 1 {
        let others = values.dropFirst().prefix(8).map { "\($0) (\(file.stored[$0]) pixels)" }
        let more = values.count > 9 ? " and \(values.count - 9) more values" : ""
        problem.message += "; also \(others.joined(separator: ", "))\(more)"
      }
      found.append(problem)
    } else if let message = constant(file, inspection) {
      found.append(
        DataProblem(
          split: split.name, file: file.pair.label, kind: .constantLabel, message: message))
    }
    if let orientation = file.orientation, orientation > 1 {
      found.append(
        DataProblem(
          split: split.name, file: file.pair.image, kind: .exifOrientation,
          message: "EXIF orientation \(orientation): viewers "
            + "\(ExifOrientation.description(orientation)), while pixels are used as stored, as "
            + "Pillow and torchvision do",
          hint: "if labels were drawn on what viewers show, turn the pixels themselves "
            + "(exiftran -ai for JPEG, mogrify -auto-orient for PNG)"))
    }
    if let brightest = file.darkness {
      found.append(
        DataProblem(
          split: split.name, file: file.pair.image, kind: .darkImage,
          message: "a 16-bit image whose highest value is about \(257 * brightest) of 65535: "
            + "in 8 bits nothing is above \(brightest)",
          hint: "16 bits are scaled by 1/257; stretch the values of 10- or 12-bit cameras and "
            + "scanners to the whole range first"))
    }
    if let size = file.imageSize, inspection.config.size == nil, odd.isOdd(size),
      let usual = odd.usual
    {
      found.append(
        DataProblem(
          split: split.name, file: file.pair.image, kind: .oddSize,
          message: "image is \(size); \(odd.count) of the \(split.files.count) images are \(usual)",
          hint: "to resize all of them, add \"size\": [\(usual.height), \(usual.width)] to \"data\""
        ))
    }
    return found
  }

  /// What a label of one class, or of none, shows.
  private static func constant(_ file: FileInspection, _ inspection: DataInspection) -> String? {
    let labels = inspection.labels
    let values = file.stored.indices.filter { file.stored[$0] > 0 }
    let classes = Set(values.map { labels.mapped[$0] })
    guard classes.count == 1, let value = classes.first else { return nil }
    if value == labels.ignoreIndex { return "every pixel is ignored" }
    return "every pixel is \(inspection.classes[Int(value)].name) (class \(value))"
  }

  /// Problems of the split as a whole.
  private static func problems(
    _ split: DataInspection.Split, _ inspection: DataInspection
  ) -> [DataProblem] {
    var found: [DataProblem] = []
    let stored = split.stored
    if let failure = inspection.labels.binaryMaskFailure(stored, place: split.name) {
      var problem = DataProblem(split: split.name, kind: .binaryMask, failure)
      problem.file = nil
      found.append(problem)
    }
    guard stored.contains(where: { $0 > 0 }) else { return found }
    var present = Set<UInt8>()
    for (value, count) in stored.enumerated() where count > 0 {
      present.insert(inspection.labels.mapped[value])
    }
    let absent = inspection.classes.indices.filter {
      !present.contains(UInt8($0)) && $0 != Int(inspection.labels.ignoreIndex)
    }
    if !absent.isEmpty {
      let names = absent.map { "\(inspection.classes[$0].name) (\($0))" }
      found.append(
        DataProblem(
          split: split.name, file: nil, kind: .absentClass,
          message: "no pixel of \(absent.count) of the \(inspection.classes.count) classes: "
            + names.joined(separator: ", "),
          hint: "if the files use other values for them, say so in data.label_map"))
    }
    return found
  }
}

/// The size most images of a split have, when only a few differ from it.
private struct OddSizes {
  private(set) var usual: PixelSize?
  private(set) var count = 0

  init(_ files: [FileInspection]) {
    let sizes = DataStats.tally(files)
    let all = sizes.map(\.images).reduce(0, +)
    guard let first = sizes.first, all - first.images <= max(1, all / 10), 2 * first.images > all
    else { return }
    usual = first.size
    count = first.images
  }

  func isOdd(_ size: PixelSize) -> Bool { usual.map { $0 != size } ?? false }
}
