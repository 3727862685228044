import SegCore
import SegMetrics
import SegTestSupport
import Testing

/// Against results of the official evaluator, digit for digit.
@Suite struct CityscapesOfficialTests {
  /// Made-up pictures, scored by `scripts/golden/cityscapes_official.py`.
  @Test func madeUpPictures() throws {
    var evaluation = CityscapesEvaluation(scoresInstances: true)
    for number in 0..<3 {
      let picture = Self.picture(number)
      try evaluation.add(
        prediction: picture.prediction.span, labels: picture.labels.span,
        instances: picture.instances.span)
    }
    let golden = try Self.parse(
      InputFile.text(of: "\(GoldenFile.packageRoot)/Tests/Golden/cityscapes_official.json"))
    let found = try Self.parse(evaluation.officialJSON)
    #expect(found == golden["result"])
    #expect(found["classInstScores"]?["car"] != .null)
  }

  /// Real results with their confusion matrices. Instances are not in the files, so those scores are
  /// `NaN` here and left out of the comparison; all else is equal byte for byte.
  @Test func realResults() throws {
    let folder = SharedFolder.path("cityscapes/official_eval_results")
    guard let names = try? FileSystem.entries(of: folder), !names.isEmpty else {
      print("skipped: \(folder) is not there")
      return
    }
    for name in names {
      let text = try InputFile.text(of: FilePath.join(folder, name))
      let official = try Self.parse(text)
      guard case .array(let rows)? = official["confMatrix"] else {
        Issue.record("\(name) has no confusion matrix")
        continue
      }
      let counts = rows.map { row -> [Int64] in
        guard case .array(let cells) = row else { return [] }
        return cells.map { if case .integer(let count) = $0 { Int64(count) } else { -1 } }
      }
      let evaluation = CityscapesEvaluation(confusion: ConfusionMatrix(rows: counts))
      #expect(evaluation.officialJSON == Self.withoutInstances(text), "\(name)")
      #expect(
        evaluation.scores.meanClasses.map { .number($0) } == official["averageScoreClasses"],
        "\(name)")
    }
  }

  /// Twin of `picture` in the script: label ids, instance ids and a prediction.
  static func picture(
    _ number: Int
  ) -> (labels: [UInt8], instances: [UInt16], prediction: [UInt8]) {
    let (height, width) = (30, 44)
    var (labels, instances, prediction) = ([UInt8](), [UInt16](), [UInt8]())
    for y in 0..<height {
      for x in 0..<width {
        let tile = y / 5 * (width / 4) + x / 4
        let label = (7 * tile + 11 * number) % 34
        labels.append(UInt8(label))
        instances.append(
          UInt16(label >= 24 && tile % 7 != 0 ? 1000 * label + tile % 5 : label))
        let isWrong = (3 * x + 5 * y + number) % 4 == 0
        prediction.append(UInt8(isWrong ? (label + x + y) % 34 : label))
      }
    }
    return (labels, instances, prediction)
  }

  /// A document in which undefined numbers are `NaN`, as Python writes them.
  private static func parse(_ text: String) throws -> JSONValue {
    let plain = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard let end = line.range(of: ": NaN") else { return String(line) }
      return line[..<end.lowerBound] + ": null" + line[end.upperBound...]
    }
    return try JSONNode.parse(Array(plain.joined(separator: "\n").utf8), name: "official").value
  }

  /// The text with every instance score replaced by `NaN`.
  private static func withoutInstances(_ text: String) -> String {
    var section = ""
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let name = line.split(separator: "\"").dropFirst().first.map(String.init) ?? ""
      let isHead = line.hasPrefix("    \"")
      if isHead { section = name }
      guard section.contains("Inst"), let colon = line.firstIndex(of: ":"),
        !line.hasSuffix("{")
      else { return String(line) }
      return line[...colon] + " NaN" + (line.hasSuffix(",") ? "," : "")
    }.joined(separator: "\n")
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
