import Glibc
import SegLosses

let ldamCases: [LossCase] =
  [(30.0, 0.5, nil), (2, 0.7, nil), (2, 0.5, [0.5, 1, 1.5])].map {
    (scale: Double, largest: Double, weights: [Double]?) in
    LossCase(
      "ldam s \(scale)\(weights == nil ? "" : ", weighted")",
      LDAM(scale: scale, largestMargin: largest), classWeights: weights,
      classCounts: [100, 10, 0, 1]
    ) { sample, _ in
      ldam(sample, counts: [100, 10, 0, 1], weights: weights, scale: scale, largest: largest)
    }
  } + [
    // Without counts all margins are the largest; without a run the weights have come in.
    LossCase(
      "ldam deferred, not counted", LDAM(scale: 3, deferredStart: 0.8), classWeights: [2, 1]
    ) { sample, _ in
      ldam(sample, counts: [1], weights: [2, 1], scale: 3, largest: 0.5)
    }
  ]

private func ldam(
  _ sample: LossSample, counts given: [Int], weights: [Double]?, scale: Double, largest: Double
) -> Double {
  let counts = (0..<sample.classes).map { given[$0 % given.count] }
  let roots = counts.map { $0 > 0 ? pow(Double($0), -0.25) : 0 }
  let margins = roots.map { $0 * largest / (roots.max() ?? 1) }
  var shifted = sample
  for pixel in sample.valid {
    let label = Int(sample.labels[pixel])
    shifted.logits[pixel * sample.classes + label] -= margins[label]
  }
  shifted.logits = shifted.logits.map { scale * $0 }
  let factors = sample.valid.map { pixel in
    weights.map { $0[Int(sample.labels[pixel]) % $0.count] } ?? 1
  }
  let losses = zip(sample.valid, factors).map { shifted.crossEntropy($0) * $1 }
  return losses.reduce(0, +) / factors.reduce(0, +)
}
