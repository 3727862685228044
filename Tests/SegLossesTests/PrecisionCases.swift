import Glibc
import SegLosses

let precisionCases: [LossCase] = [
  LossCase("precision paper", PrecisionLoss()) { sample, base in
    let weights = falseShares(base, floor: 0)
    let losses = sample.valid.map { sample.crossEntropy($0) * weights[Int(sample.labels[$0])] }
    return losses.reduce(0, +) / Double(sample.valid.count)
  },
  LossCase("precision recall_code", PrecisionLoss(variant: .recallCode)) { sample, base in
    wrongPixelLoss(sample, base, floor: 1)
  },
]

/// `max(FP, floor) / max(predicted, floor)` of each class; 0 for one that is never predicted without floor.
func falseShares(_ sample: LossSample, floor: Double) -> [Double] {
  (0..<sample.classes).map { label in
    let pixels = sample.valid.filter { sample.prediction($0) == label }
    let wrong = pixels.filter { Int(sample.labels[$0]) != label }
    guard !pixels.isEmpty || floor > 0 else { return 0 }
    return max(Double(wrong.count), floor) / max(Double(pixels.count), floor)
  }
}

/// The weighted mean of `−log(1 − p_k + 1e-9)` over pixels that are wrongly predicted as k.
func wrongPixelLoss(_ sample: LossSample, _ base: LossSample, floor: Double) -> Double {
  let weights = falseShares(base, floor: floor)
  let wrong = base.valid.filter { base.prediction($0) != Int(base.labels[$0]) }
  let total = wrong.map { weights[base.prediction($0)] }.reduce(0, +)
  guard total > 0 else { return 0 }
  let losses = wrong.map { pixel in
    let predicted = base.prediction(pixel)
    let others = sample.probabilities(pixel).enumerated().filter { $0.offset != predicted }
    return -log(others.map(\.element).reduce(0, +) + 1e-9) * weights[predicted]
  }
  return losses.reduce(0, +) / total
}
