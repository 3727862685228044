import Glibc
import SegLosses

let focalCases: [LossCase] = [
  focalCase("paper", FocalLoss(), gamma: 2),
  focalCase("paper gamma 1 weighted", FocalLoss(gamma: 1), gamma: 1, weights: [0.5, 1, 1.5]),
  focalCase("paper gamma 0.5", FocalLoss(gamma: 0.5), gamma: 0.5),
  focalCase("scheduling_code", FocalLoss(variant: .schedulingCode), gamma: 2, isOverAll: true),
  focalCase(
    "paper over all weighted", FocalLoss(gamma: 3.5, reduction: .all), gamma: 3.5,
    weights: [2, 0.1], isOverAll: true),
  scalarFocalCase("recall_code", FocalLoss(variant: .recallCode), gamma: 1),
  scalarFocalCase(
    "recall_code gamma 2 weighted", FocalLoss(variant: .recallCode, gamma: 2), gamma: 2,
    weights: [0.5, 1, 1.5]),
]

/// `(1 − p)^γ · l` of a cross entropy.
func focal(_ loss: Double, _ gamma: Double) -> Double { pow(-expm1(-loss), gamma) * loss }

/// Each pixel for itself.
private func focalCase(
  _ name: String, _ loss: FocalLoss, gamma: Double, weights: [Double]? = nil,
  isOverAll: Bool = false
) -> LossCase {
  LossCase("focal \(name)", loss, classWeights: weights) { sample, _ in
    let losses = sample.valid.map {
      sample.weight($0, weights) * focal(sample.crossEntropy($0), gamma)
    }
    return losses.reduce(0, +) / Double(isOverAll ? sample.pixels : sample.valid.count)
  }
}

/// The mean of the batch.
private func scalarFocalCase(
  _ name: String, _ loss: FocalLoss, gamma: Double, weights: [Double]? = nil
) -> LossCase {
  LossCase("focal \(name)", loss, classWeights: weights) { sample, _ in
    let factors = sample.valid.map { sample.weight($0, weights) }
    let losses = zip(sample.valid, factors).map { sample.crossEntropy($0) * $1 }
    return focal(losses.reduce(0, +) / factors.reduce(0, +), gamma)
  }
}
