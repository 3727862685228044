import SegCore
import SegEngine
import SegLosses

/// What a loss needs besides its configuration to be computed for a model on its own: how far the run was, and what
/// was counted in the labels.
public struct LossRecord: Equatable {
  var time: TrainingTime
  var counts: LabelCounts

  init(time: TrainingTime, counts: LabelCounts) {
    self.time = time
    self.counts = counts
  }

  /// The record in a model's metadata; `nil` where there is none.
  init?(modelFile path: String) throws(Failure) {
    let metadata = try openWeightFile(path).metadata
    guard let text = metadata.first(where: { $0.key == ModelFile.lossKey })?.value else {
      return nil
    }
    let name = "\(path) (\(ModelFile.lossKey))"
    let json = try JSONNode.parse(Array(text.utf8), name: name).value
    guard case .integer(let iteration)? = json["iteration"],
      case .integer(let iterations)? = json["iterations"], 0...iterations ~= iteration,
      let training = Self.integers(json["train_pixels"])
    else { throw Failure(.badData, name, "expected iteration, iterations and train_pixels") }
    time = TrainingTime(iteration: iteration, of: iterations)
    counts = LabelCounts(
      training: training, firstOfBatch: Self.integers(json["first_of_batch_pixels"]))
  }

  var json: JSONValue {
    func list(_ counts: [Int]?) -> JSONValue {
      counts.map { .array($0.map { .integer($0) }) } ?? .null
    }
    return .fields([
      "iteration": .integer(time.iteration), "iterations": .integer(time.iterations),
      "train_pixels": list(counts.training), "first_of_batch_pixels": list(counts.firstOfBatch),
    ])
  }

  private static func integers(_ json: JSONValue?) -> [Int]? {
    guard case .array(let items)? = json else { return nil }
    let values = items.compactMap { item -> Int? in
      if case .integer(let value) = item, value >= 0 { value } else { nil }
    }
    return values.count == items.count ? values : nil
  }
}

extension TrainingSetup {
  /// What a model after `step` steps needs for its loss; `nil` where the configuration is enough.
  func lossRecord(at step: Int) -> LossRecord? {
    let isNeeded =
      config.loss.schedule != nil
      || config.loss.terms.contains { term in
        type(of: term.loss).readsClassCounts || term.weighting?.ruleName != nil
      }
    return isNeeded ? LossRecord(time: time(at: step), counts: counts) : nil
  }
}
