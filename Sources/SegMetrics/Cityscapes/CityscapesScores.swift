internal import SegCore

/// The official Cityscapes scores; nil where the evaluator has NaN.
public struct CityscapesScores: Sendable, Equatable {
  /// IoU of each label, by id; nil for ignored labels and for those neither present nor predicted.
  public var classes: [Double?]
  /// Instance-weighted IoU of each label that has instances.
  public var classInstances: [Double?]
  /// IoU of each category, in the order of `CityscapesLabel.Category.allCases`.
  public var categories: [Double?]
  /// Instance-weighted IoU of the categories in which every label has instances.
  public var categoryInstances: [Double?]

  /// Mean of the defined scores of ``classes``: the mean IoU of the benchmark.
  public var meanClasses: Double? { Self.mean(classes) }
  /// The benchmark's iIoU over classes.
  public var meanClassInstances: Double? { Self.mean(classInstances) }
  /// The benchmark's IoU over categories.
  public var meanCategories: Double? { Self.mean(categories) }
  /// The benchmark's iIoU over categories.
  public var meanCategoryInstances: Double? { Self.mean(categoryInstances) }

  /// Categories in which every label has instances: human and vehicle.
  static let instanceCategories = CityscapesLabel.Category.allCases.filter { category in
    CityscapesLabel.all.allSatisfy { $0.category != category || $0.hasInstances }
  }

  private static func mean(_ scores: [Double?]) -> Double? {
    let defined = scores.compactMap { $0 }
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }
}

extension CityscapesEvaluation {
  /// All scores of the pictures so far.
  public var scores: CityscapesScores {
    let labels = CityscapesLabel.all
    let categories = CityscapesLabel.Category.allCases
    return CityscapesScores(
      classes: labels.map(classScore),
      classInstances: labels.map { label in
        guard scoresInstances, label.hasInstances, !label.isIgnored else { return nil }
        let wrong = falsePositives(of: [label.id]) { $0.id != label.id }
        return Self.score(classObjects[label.id], wrong)
      },
      categories: categories.map(categoryScore),
      categoryInstances: categories.map { category in
        guard scoresInstances, CityscapesScores.instanceCategories.contains(category) else {
          return nil
        }
        // Predictions of ignored labels count here and, by the evaluator's rule, not in the category's IoU.
        let ids = labels.filter { $0.category == category }.map(\.id)
        let wrong = falsePositives(of: ids) { $0.category != category }
        return Self.score(categoryObjects[category] ?? Scaled(), wrong)
      })
  }

  private func classScore(_ label: CityscapesLabel) -> Double? {
    guard !label.isIgnored else { return nil }
    let right = confusion[truth: label.id, prediction: label.id]
    let wrong = falsePositives(of: [label.id]) { $0.id != label.id }
    return Self.share(right, of: confusion.truePixels(label.id) + wrong)
  }

  private func categoryScore(_ category: CityscapesLabel.Category) -> Double? {
    let ids = CityscapesLabel.all.filter { $0.category == category && !$0.isIgnored }.map(\.id)
    var right: Int64 = 0
    for truth in ids { for id in ids { right += confusion[truth: truth, prediction: id] } }
    let pixels = ids.reduce(0) { $0 + confusion.truePixels($1) }
    return Self.share(right, of: pixels + falsePositives(of: ids) { $0.category != category })
  }

  /// Pixels predicted as one of `ids` whose true label is not ignored and `isOther`.
  private func falsePositives(of ids: [Int], _ isOther: (CityscapesLabel) -> Bool) -> Int64 {
    var count: Int64 = 0
    for truth in CityscapesLabel.all where !truth.isIgnored && isOther(truth) {
      for id in ids { count += confusion[truth: truth.id, prediction: id] }
    }
    return count
  }

  private static func share(_ part: Int64, of all: Int64) -> Double? {
    all > 0 ? Double(part) / Double(all) : nil
  }

  private static func score(_ objects: Scaled, _ falsePositives: Int64) -> Double? {
    let all = objects.truePositives + Double(falsePositives) + objects.falseNegatives
    return all > 0 ? objects.truePositives / all : nil
  }
}
