import SegLosses

let recallCases: [LossCase] = [
  LossCase("recall paper", RecallLoss(variant: .paper)) { sample, base in
    let weights = missRates(base, floor: 0)
    let losses = sample.valid.map { sample.crossEntropy($0) * weights[Int(sample.labels[$0])] }
    return losses.reduce(0, +) / Double(sample.valid.count)
  },
  LossCase("recall recall_code", RecallLoss(variant: .recallCode)) { sample, base in
    let weights = missRates(base, floor: 1)
    let losses = sample.valid.map { sample.crossEntropy($0) * weights[Int(sample.labels[$0])] }
    return losses.reduce(0, +) / Double(sample.pixels)
  },
]

/// `max(FN, floor) / max(GT, floor)` of each class; 0 for an absent one without floor.
func missRates(_ sample: LossSample, floor: Double) -> [Double] {
  (0..<sample.classes).map { label in
    let pixels = sample.valid.filter { Int(sample.labels[$0]) == label }
    let missed = pixels.filter { sample.prediction($0) != label }
    guard !pixels.isEmpty || floor > 0 else { return 0 }
    return max(Double(missed.count), floor) / max(Double(pixels.count), floor)
  }
}
