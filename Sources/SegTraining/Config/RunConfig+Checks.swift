internal import SegCore
internal import SegData
internal import SegLosses
internal import SegOptim

/// What only shows when sections are seen together.
extension RunConfig {
  func check(_ section: ConfigSection) {
    checkClassWeights(section)
    checkBestBy(section)
    checkLearningRate(section)
    checkInputSize(section)
  }

  private func checkInputSize(_ section: ConfigSection) {
    guard let shortSide = evaluation.shortSide, let size = data.size,
      section.isSound("evaluation.short_side", "data.size")
    else { return }
    section.problem(
      at: "evaluation.short_side",
      "expected null, as data.size resizes all pictures to \(size), found \(shortSide)",
      hint: "leave out one of them; training samples get one size by augment.crop_size too")
  }

  private func checkClassWeights(_ section: ConfigSection) {
    guard let names = data.classNames, section.isSound("data.layout", "data.classes") else {
      return
    }
    for (index, term) in loss.terms.enumerated() {
      guard case .values(let weights)? = term.classWeights?.rule, weights.count != names.count
      else {
        continue
      }
      section.problem(
        at: "loss.terms.\(index).class_weights",
        "expected \(names.count) numbers, one a class, found \(weights.count)",
        hint: "the classes are " + names.joined(separator: ", "))
    }
  }

  private func checkBestBy(_ section: ConfigSection) {
    guard let names = data.classNames, section.isSound("data.layout", "data.classes") else {
      return
    }
    for (index, score) in checkpoint.bestBy.enumerated() {
      guard let wanted = score.className, !names.contains(wanted) else { continue }
      let near = NearestKey.find(wanted, in: names).map { "did you mean \"\($0)\"? " } ?? ""
      section.problem(
        at: "checkpoint.best_by.\(index)",
        "expected the name of a class, found \(MessageText.quoted(wanted))",
        hint: near + "the classes are " + names.joined(separator: ", "))
    }
  }

  private func checkLearningRate(_ section: ConfigSection) {
    if section.isSound("lr_schedule.warmup_iterations", "training.iterations"),
      case .iterations(let iterations) = training.length, lrSchedule.warmupIterations > iterations
    {
      section.problem(
        at: "lr_schedule.warmup_iterations",
        "expected at most the \(iterations) iterations of training, "
          + "found \(lrSchedule.warmupIterations)")
    }
    if section.isSound("lr_schedule.end_lr", "optimizer.lr"),
      let end = lrSchedule.curve.endLR, end > optimizer.lr
    {
      section.problem(
        at: "lr_schedule.end_lr",
        "expected at most optimizer.lr, which is \(MessageText.number(optimizer.lr)), "
          + "found \(MessageText.number(end))")
    }
  }
}
