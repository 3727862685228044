public import SegCore
public import SegEngine

/// Section `loss` of the run config.
public struct LossConfig: Sendable, Equatable {
  /// Summed with their weights.
  public var terms: [LossTermConfig]
  /// How the weights change over the run; `nil`: they do not.
  public var schedule: (any LossSchedule)?

  public init(terms: [LossTermConfig], schedule: (any LossSchedule)? = nil) {
    self.terms = terms
    self.schedule = schedule
  }

  public init(_ section: ConfigSection) {
    terms = section.sections(
      "terms", count: 1...8, "Losses, summed with their weights.", LossTermConfig.init)
    schedule = section.optionalSection(
      "schedule", "How the terms' weights change over the run; null: they do not."
    ) { schedule in
      schedule.variant(
        among: lossSchedules, "The curve along which the second group takes over from the first.")
    }
    checkGroups(section)
  }

  /// With a schedule there are two terms, or every term says on which side it is.
  private func checkGroups(_ section: ConfigSection) {
    let groups = terms.map(\.group)
    func problem(_ index: Int, _ text: String, _ hint: String) {
      section.problem(at: "terms.\(index).group", text, hint: hint)
    }
    guard schedule != nil else {
      if let index = groups.firstIndex(where: { $0 != nil }) {
        problem(
          index, "expected null, as there is no loss.schedule",
          "remove group, or say how the groups take turns in loss.schedule")
      }
      return
    }
    let names = "\"first\" (faded out) or \"second\" (ramped in)"
    if groups.allSatisfy({ $0 == nil }) {
      if terms.count == 2 { return }
      section.problem(
        "schedule", "expected two terms to lead from one to the other, found \(terms.count)",
        hint: terms.count < 2
          ? "add a second term, or remove the schedule"
          : "give every term a group, \(names)")
    } else if let index = groups.firstIndex(of: nil) {
      problem(index, "expected \(names), found nothing", "with a schedule all terms have a group")
    } else if let missing = LossGroup.allCases.first(where: { !groups.contains($0) }) {
      problem(
        0, "expected a term of group \"\(missing.rawValue)\", found none",
        "a schedule leads from one group to the other")
    }
  }

  public static func == (a: Self, b: Self) -> Bool {
    let isSame =
      switch (a.schedule, b.schedule) {
      case (nil, nil): true
      case (let a?, let b?): a.isEqual(to: b)
      default: false
      }
    return isSame && a.terms == b.terms
  }
}

extension LossConfig {
  /// Factor of term `index` in the sum, in the iteration `time` is in.
  public func weight(of index: Int, at time: TrainingTime) -> Double {
    let factor = factor(of: index)
    return schedule.map { factor.weight(share: $0.share(at: time)) } ?? factor.weight
  }

  /// What term `index` has to do with the schedule.
  public func factor(of index: Int) -> ScheduledFactor {
    ScheduledFactor(weight: terms[index].weight, isSecond: isSecond(index))
  }

  /// Which side of the schedule a term is on; of two terms without groups the second one is.
  func isSecond(_ index: Int) -> Bool {
    terms[index].group.map { $0 == .second } ?? (index == 1)
  }

  /// What terms are called in logs: the loss's name, with a number where it is not the first of that name.
  public var termNames: [String] {
    terms.indices.map { index in
      let before = terms[..<index].count { $0.name == terms[index].name }
      return terms[index].name + (before > 0 ? "_\(before + 1)" : "")
    }
  }
}

/// One entry of `loss.terms`.
public struct LossTermConfig: Sendable, Equatable {
  public var loss: any SegmentationLoss
  /// Factor of this term in the sum.
  public var weight: Double
  /// With a schedule: the side it is on.
  public var group: LossGroup?
  public var classWeights: ClassWeightsConfig?

  public init(
    _ loss: any SegmentationLoss, weight: Double = 1, group: LossGroup? = nil,
    classWeights: ClassWeightsConfig? = nil
  ) {
    self.loss = loss
    self.weight = weight
    self.group = group
    self.classWeights = classWeights
  }

  public init(_ section: ConfigSection) {
    loss = section.variant(
      among: lossKinds, "The loss.")
    weight = section.number("weight", default: 1, in: 0...1e6, "Factor of this term in the sum.")
    group = section.value(
      "group", ConfigType<LossGroup>.choice(among: LossGroup.allCases).optional,
      default: .some(nil),
      "With a schedule of more than two terms: the side this one is on.")
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

  /// How its classes are weighted: as the configuration says, else as the loss itself has it.
  public var weighting: ClassWeightsConfig? { classWeights ?? loss.defaultClassWeights }

  /// The word that chooses the loss.
  public var name: String { type(of: loss).name }

  public static func == (a: Self, b: Self) -> Bool {
    a.loss.isEqual(to: b.loss) && a.weight == b.weight && a.group == b.group
      && a.classWeights == b.classWeights
  }
}
