import Glibc
import SegLosses

let ohemCases: [LossCase] = [
  topCase("paper", OHEMLoss(), fraction: 0.7),
  topCase("paper a tenth", OHEMLoss(fraction: 0.1), fraction: 0.1),
  topCase("paper weighted", OHEMLoss(), fraction: 0.7, weights: [0.5, 1, 1.5]),
  thresholdCase("threshold", OHEMLoss(mode: .threshold, minKept: 5), 0.7, kept: 5),
  thresholdCase(
    "threshold weighted", OHEMLoss(mode: .threshold, threshold: 0.05, minKept: 12), 0.05, kept: 12,
    weights: [0.5, 1, 1.5]),
  rowCase("recall_code", OHEMLoss(variant: .recallCode), count: 1),
  rowCase(
    "recall_code all weighted", OHEMLoss(variant: .recallCode, fraction: 1), count: 2,
    weights: [0.5, 1, 1.5]),
]

/// The largest part of the batch.
private func topCase(
  _ name: String, _ loss: OHEMLoss, fraction: Double, weights: [Double]? = nil
) -> LossCase {
  LossCase("ohem \(name)", loss, classWeights: weights) { sample, base in
    let count = max(1, Int(fraction * Double(base.valid.count)))
    let kept = base.valid.sorted {
      base.weight($0, weights) * base.crossEntropy($0)
        > base.weight($1, weights) * base.crossEntropy($1)
    }.prefix(count)
    return kept.map { sample.weight($0, weights) * sample.crossEntropy($0) }.reduce(0, +)
      / Double(count)
  }
}

/// What the network is less sure of than a limit, `kept` pixels at least.
private func thresholdCase(
  _ name: String, _ loss: OHEMLoss, _ threshold: Double, kept: Int, weights: [Double]? = nil
) -> LossCase {
  LossCase("ohem \(name)", loss, classWeights: weights) { sample, base in
    let probabilities = base.valid.map { exp(-base.crossEntropy($0)) }
    let sorted = probabilities.sorted()
    guard let last = sorted.last else { return 0 }
    let limit = max(threshold, kept < sorted.count ? sorted[kept] : last)
    let chosen = zip(base.valid, probabilities).filter { $1 < limit }.map(\.0)
    return chosen.map { sample.weight($0, weights) * sample.crossEntropy($0) }.reduce(0, +)
      / Double(chosen.count)
  }
}

/// The largest of every row, ignored pixels as zeros among them.
private func rowCase(
  _ name: String, _ loss: OHEMLoss, count: Int, weights: [Double]? = nil
) -> LossCase {
  LossCase("ohem \(name)", loss, classWeights: weights, isSymmetric: false) { sample, base in
    func value(_ sample: LossSample, _ pixel: Int) -> Double {
      sample.isValid(pixel) ? sample.weight(pixel, weights) * sample.crossEntropy(pixel) : 0
    }
    let rows = base.images * base.height
    let sums = (0..<rows).map { row in
      let kept = (row * base.width..<(row + 1) * base.width).sorted {
        value(base, $0) > value(base, $1)
      }.prefix(count)
      return kept.map { value(sample, $0) }.reduce(0, +)
    }
    return sums.reduce(0, +) / Double(rows * count)
  }
}
