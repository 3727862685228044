internal import CSegImage
public import SegCore

/// What each of the 256 stored label values becomes: a class index, the ignore index, or an error.
public struct LabelTable: Sendable, Equatable {
  public let classCount: Int
  public let ignoreIndex: UInt8
  /// Value after the mapping, by stored value.
  public let mapped: [UInt8]
  /// 1 where the mapped value is neither a class nor `ignoreIndex`.
  public let invalid: [UInt8]

  /// - Parameters:
  ///   - table: mappings of the class table.
  ///   - config: `data.label_map`, which wins over `table`.
  /// - Throws: `Failure` `.badConfig` for values out of range or listed twice.
  public init(
    classCount: Int, ignoreIndex: Int, table: [LabelMapping] = [], config: [LabelMapping] = []
  ) throws {
    guard (1...256).contains(classCount) else {
      throw Failure(.badConfig, "data.classes", "expected 1 to 256 classes, found \(classCount)")
    }
    guard let ignore = UInt8(exactly: ignoreIndex) else {
      throw Failure(.badConfig, "data.ignore_index", "expected 0 to 255, found \(ignoreIndex)")
    }
    var mapped = (0...255).map { UInt8($0) }
    var listed = Set<Int>()
    for (entry, isConfig) in table.map({ ($0, false) }) + config.map({ ($0, true) }) {
      guard (0...255).contains(entry.stored) else {
        throw Failure(
          .badConfig, "data.label_map", "stored values are 0 to 255, found \(entry.stored)")
      }
      if isConfig, !listed.insert(entry.stored).inserted {
        throw Failure(.badConfig, "data.label_map", "stored value \(entry.stored) is listed twice")
      }
      switch entry.target {
      case .ignore: mapped[entry.stored] = ignore
      case .index(let index):
        guard (0..<classCount).contains(index) else {
          throw Failure(
            .badConfig, "data.label_map.\(entry.stored)",
            "expected a class index 0 to \(classCount - 1) or \"ignore\", found \(index)")
        }
        mapped[entry.stored] = UInt8(index)
      }
    }
    self.classCount = classCount
    self.ignoreIndex = ignore
    self.mapped = mapped
    invalid = mapped.map { Int($0) < classCount || $0 == ignore ? 0 : 1 }
  }

  /// Maps `label` in place.
  ///
  /// - Throws: `Failure` `.badData` naming `name`, the smallest value that is no class, how many
  ///   pixels have it and the first of them.
  public func apply(to label: inout LabelMap, name: String) throws {
    let stored = label.pixels
    let isValid = label.pixels.withUnsafeMutableBufferPointer {
      si_map_labels($0.baseAddress, $0.count, mapped, invalid) == 0
    }
    guard !isValid else { return }
    throw failure(stored, width: label.width, name: name)
  }

  private func failure(_ stored: [UInt8], width: Int, name: String) -> Failure {
    var counts = [Int](repeating: 0, count: 256)
    for value in stored { counts[Int(value)] += 1 }
    let value = counts.indices.first { counts[$0] > 0 && invalid[$0] != 0 } ?? 0
    let first = stored.firstIndex(of: UInt8(value)) ?? 0
    let pixels = counts[value] == 1 ? "1 pixel" : "\(counts[value]) pixels"
    let isMapped = Int(mapped[value]) != value
    var problem =
      "label value \(value) in \(pixels), first at x \(first % width), y \(first / width)"
    if isMapped { problem += ", mapped to \(mapped[value])" }
    problem += "; classes are 0 to \(classCount - 1), ignore_index is \(ignoreIndex)"
    return Failure(.badData, name, problem, hint: hint(counts, value: value))
  }

  private func hint(_ counts: [Int], value: Int) -> String {
    if isBinaryMask(counts), classCount >= 2 {
      return "a mask of 0 and 255: add \"label_map\": {\"255\": 1} to \"data\""
    }
    return "if \(value) is no class, add \"label_map\": {\"\(value)\": \"ignore\"} to \"data\""
  }

  private func isBinaryMask(_ counts: [Int]) -> Bool {
    counts[255] > 0 && counts[1..<255].allSatisfy { $0 == 0 }
  }

  /// What is wrong with labels of which nothing but 0 is left because their 255 means foreground,
  /// not ignore.
  ///
  /// - Parameter counts: pixels by stored value, 256 entries, of one label or a whole split.
  /// - Returns: nil when the values are not 0 and 255, or 255 is not ignored.
  public func binaryMaskFailure(_ counts: [Int], place: String) -> Failure? {
    guard isBinaryMask(counts), classCount >= 2, mapped[255] == ignoreIndex, mapped[0] == 0
    else { return nil }
    return Failure(
      .badData, place,
      "labels hold 0 (\(counts[0]) pixels) and 255 (\(counts[255]) pixels), and 255 is ignored: "
        + "only class 0 is left",
      hint: "if 255 is the foreground, add \"label_map\": {\"255\": 1} to \"data\"")
  }
}
