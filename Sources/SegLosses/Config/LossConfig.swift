public import SegCore

/// Section `loss` of the run config.
public struct LossConfig: Sendable, Equatable {
  /// Summed with their weights.
  public var terms: [LossTermConfig]

  public init(terms: [LossTermConfig]) { self.terms = terms }

  public init(_ section: ConfigSection) {
    terms = section.sections(
      "terms", count: 1...8, "Losses, summed with their weights.", LossTermConfig.init)
    section.reserved("schedule", "How the terms' weights change over the run; null: they do not.")
  }
}

/// One entry of `loss.terms`.
public struct LossTermConfig: Sendable, Equatable {
  public var loss: any SegmentationLoss
  /// Factor of this term in the sum.
  public var weight: Double
  public var classWeights: ClassWeightsConfig?

  public init(
    _ loss: any SegmentationLoss, weight: Double = 1, classWeights: ClassWeightsConfig? = nil
  ) {
    self.loss = loss
    self.weight = weight
    self.classWeights = classWeights
  }

  public init(_ section: ConfigSection) {
    loss = section.variant(
      among: lossKinds, planned: lossNames, "The loss.")
    weight = section.number("weight", default: 1, in: 0...1e6, "Factor of this term in the sum.")
    classWeights = section.value(
      "class_weights", ClassWeightsConfig.type.optional, default: .some(nil),
      "Factor of each class: a rule over its share of the training pixels, or the numbers themselves."
    )
    if classWeights != nil, !type(of: loss).takesClassWeights {
      section.problem(
        "class_weights", "expected null: \(name) takes no class weights",
        hint: "remove class_weights, or weight the classes of cross_entropy")
    }
  }

  /// The word that chooses the loss.
  public var name: String { type(of: loss).name }

  public static func == (a: Self, b: Self) -> Bool {
    a.loss.isEqual(to: b.loss) && a.weight == b.weight && a.classWeights == b.classWeights
  }
}
