import Glibc
import SegLosses

let recallCases: [LossCase] = [
  recallCase("paper", RecallLoss(), floor: 0),
  recallCase("recall_code", RecallLoss(variant: .recallCode), floor: 1, divisor: .all),
  recallCase("paper over all", RecallLoss(reduction: .all), floor: 0, divisor: .all),
  recallCase(
    "recall_code over valid", RecallLoss(variant: .recallCode, reduction: .valid), floor: 1),
  // The function of 2020 in the authors' repository.
  recallCase(
    "recall_code by weights", RecallLoss(variant: .recallCode, reduction: .weights), floor: 1,
    divisor: .weights),
  recallCase("paper by weights", RecallLoss(reduction: .weights), floor: 0, divisor: .weights),
  recallCase(
    "recall_code focal", RecallLoss(variant: .recallCode, focalGamma: 1), floor: 1, gamma: 1,
    divisor: .all),
  recallCase(
    "paper focal by weights", RecallLoss(reduction: .weights, focalGamma: 2), floor: 0, gamma: 2,
    divisor: .weights),
  recallCase("paper with precision", RecallLoss(withPrecision: true), floor: 0, isPrecise: true),
  recallCase(
    "recall_code with precision",
    RecallLoss(variant: .recallCode, reduction: .weights, withPrecision: true), floor: 1,
    divisor: .weights, isPrecise: true),
]

private func recallCase(
  _ name: String, _ loss: RecallLoss, floor: Double, gamma: Double = 0,
  divisor: LossReduction = .valid, isPrecise: Bool = false
) -> LossCase {
  LossCase("recall \(name)", loss) { sample, base in
    let rates = missRates(base, floor: floor)
    let weights = base.valid.map { pixel in
      rates[Int(base.labels[pixel])] * pow(-expm1(-base.crossEntropy(pixel)), gamma)
    }
    let sum = zip(sample.valid, weights).map { sample.crossEntropy($0) * $1 }.reduce(0, +)
    let count =
      switch divisor {
      case .valid: Double(sample.valid.count)
      case .all: Double(sample.pixels)
      case .weights: weights.reduce(0, +)
      }
    let recall = count > 0 ? sum / count : 0
    return isPrecise ? recall + wrongPixelLoss(sample, base, floor: floor) : recall
  }
}

/// `max(FN, floor) / max(GT, floor)` of each class; 0 for an absent one without floor.
func missRates(_ sample: LossSample, floor: Double) -> [Double] {
  (0..<sample.classes).map { label in
    let pixels = sample.valid.filter { Int(sample.labels[$0]) == label }
    let missed = pixels.filter { sample.prediction($0) != label }
    guard !pixels.isEmpty || floor > 0 else { return 0 }
    return max(Double(missed.count), floor) / max(Double(pixels.count), floor)
  }
}
