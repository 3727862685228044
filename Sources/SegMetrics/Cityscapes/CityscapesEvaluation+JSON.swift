internal import SegCore

extension CityscapesEvaluation {
  /// The evaluator's own name for its result.
  public static let fileName = "resultPixelLevelSemanticLabeling.json"

  /// The evaluator's result file, with its keys, its order and its layout, byte for byte.
  ///
  /// As in the original, an undefined score is written as `NaN`, which Python reads and the JSON standard
  /// has not; `summary.json` has null in its place.
  public var officialJSON: String {
    let scores = scores
    let labels = CityscapesLabel.all
    let categories = CityscapesLabel.Category.allCases.map(\.rawValue)
    let names = labels.map(\.name)
    let total = Double(confusion.total)
    let priors = labels.map { total > 0 ? Double(confusion.truePixels($0.id)) / total : nil }
    let matrix = labels.map { truth in
      labels.map { "            \(confusion[truth: truth.id, prediction: $0.id])" }
        .joined(separator: ",\n")
    }
    let entries: [(String, String)] = [
      ("averageScoreCategories", Self.number(scores.meanCategories)),
      ("averageScoreClasses", Self.number(scores.meanClasses)),
      ("averageScoreInstCategories", Self.number(scores.meanCategoryInstances)),
      ("averageScoreInstClasses", Self.number(scores.meanClassInstances)),
      ("categoryInstScores", Self.object(categories, scores.categoryInstances.map(Self.number))),
      ("categoryScores", Self.object(categories, scores.categories.map(Self.number))),
      ("classInstScores", Self.object(names, scores.classInstances.map(Self.number))),
      ("classScores", Self.object(names, scores.classes.map(Self.number))),
      (
        "confMatrix",
        "[\n" + matrix.map { "        [\n\($0)\n        ]" }.joined(separator: ",\n") + "\n    ]"
      ),
      ("labels", Self.object(names, labels.map { "\($0.id)" })),
      ("priors", Self.object(names, priors.map(Self.number))),
    ]
    return "{\n" + entries.map { "    \"\($0)\": \($1)" }.joined(separator: ",\n") + "\n}"
  }

  /// Shortest digits that bring the number back, which Swift and Python write alike.
  private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "NaN" }

  /// Keys in alphabetical order.
  private static func object(_ keys: [String], _ values: [String]) -> String {
    let lines = zip(keys, values).sorted { $0.0 < $1.0 }
      .map { "        \"\($0)\": \($1)" }
    return "{\n" + lines.joined(separator: ",\n") + "\n    }"
  }
}
