internal import SegCore

/// The files of a split that have a partner, and all those that have none.
struct PairSurvey {
  var pairs: [SamplePair] = []
  var problems: [DataProblem] = []

  init(_ layout: DatasetLayout, _ config: DataConfig, split: String) throws {
    do {
      let pairing = try layout.pairing(config, split)
      pairs = pairing.pairs
      problems = pairing.problems.map {
        DataProblem(
          split: split, file: $0.file, kind: .missingPair, message: $0.message, hint: $0.hint)
      }
    } catch let failure as Failure where failure.status != .badConfig {
      problems = [DataProblem(split: split, kind: .missingFiles, failure)]
    }
  }
}
