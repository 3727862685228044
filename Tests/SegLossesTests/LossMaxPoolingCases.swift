import Glibc
import SegLosses

let lossMaxPoolingCases: [LossCase] = [
  exactCase("paper", LossMaxPooling(), p: 1.3, ratio: 0.1),
  exactCase("paper m/n 0.25", LossMaxPooling(ratio: 0.25), p: 1.3, ratio: 0.25),
  exactCase("paper p 1.7", LossMaxPooling(p: 1.7, ratio: 0.4), p: 1.7, ratio: 0.4),
  exactCase("paper m = n", LossMaxPooling(ratio: 1), p: 1.3, ratio: 1),
  rescaledCase("scheduling_code", LossMaxPooling(variant: .schedulingCode), p: 1.3, ratio: 0.1),
  rescaledCase(
    "scheduling_code p 1.7", LossMaxPooling(variant: .schedulingCode, p: 1.7, ratio: 0.3), p: 1.7,
    ratio: 0.3),
]

private func exactCase(
  _ name: String, _ loss: LossMaxPooling, p: Double, ratio: Double
) -> LossCase {
  LossCase("loss_max_pooling \(name)", loss) { sample, base in
    let pooling = MaxPooling(base.valid.map { base.crossEntropy($0) }, p: p, ratio: ratio)
    return zip(sample.valid, pooling.weights).map { sample.crossEntropy($0) * $1 }.reduce(0, +)
  }
}

private func rescaledCase(
  _ name: String, _ loss: LossMaxPooling, p: Double, ratio: Double
) -> LossCase {
  LossCase("loss_max_pooling \(name)", loss) { sample, base in
    let pixels = Array(0..<base.pixels)
    let losses = pixels.map { base.crossEntropy($0) }
    let (n, q) = (Double(base.pixels), p / (p - 1))
    let alpha = losses.sorted(by: >)[min(Int(ratio * n), pixels.count - 1)]
    let tau = pow(n, -1 / q) * pow(ratio * n, -1 / p)
    let terms = pixels.map { pixel in
      let share = losses[pixel] > alpha ? 1 : alpha > 0 ? pow(losses[pixel] / alpha, q - 1) : 0
      return tau * share * sample.crossEntropy(pixel)
    }
    return terms.reduce(0, +) / 2
  }
}

/// The weights of loss max-pooling from a walk over the sorted losses.
struct MaxPooling {
  var weights: [Double]
  var alpha = Double.infinity
  var tau: Double
  /// Pixels whose weight is tau.
  var saturated = 0

  init(_ losses: [Double], p: Double, ratio: Double) {
    let (n, q) = (Double(losses.count), p / (p - 1))
    let m = ratio * n
    tau = pow(n, -1 / q) * pow(m, -1 / p)
    weights = losses.map { _ in 1 / n }
    guard let largest = losses.max(), largest > 0, ratio < 1 else { return }
    let order = losses.indices.sorted { losses[$0] < losses[$1] }
    var (sum, room, count) = (0.0, m - n, 0)
    while count < order.count {
      let x = pow(losses[order[count]] / largest, q)
      if room * x > sum { break }
      sum += x
      room += 1
      count += 1
    }
    alpha = largest * pow(sum / room, 1 / q)
    saturated = order.count - count
    for (rank, pixel) in order.enumerated() {
      weights[pixel] = rank < count ? tau * pow(losses[pixel] / alpha, q - 1) : tau
    }
  }
}
