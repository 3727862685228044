import SegLosses

let diceCases: [LossCase] = [
  dice("dice", Dice()),
  dice("dice, weighted", Dice(), classWeights: [0.5, 1, 1.5]),
  dice("dice, not squared, without smoothing", Dice(smoothing: 0, squared: false)),
  dice("dice scheduling_code", Dice(variant: .schedulingCode)),
  dice(
    "dice scheduling_code, weighted", Dice(variant: .schedulingCode), classWeights: [0.5, 1, 1.5]),
  dice(
    "dice scheduling_code, not squared",
    Dice(variant: .schedulingCode, smoothing: 3, squared: false)
  ),
]

private func dice(_ name: String, _ loss: Dice, classWeights: [Double]? = nil) -> LossCase {
  let isCode = loss.variant == .schedulingCode
  let smooth = loss.smoothing
  return LossCase(
    name, loss, classWeights: classWeights,
    // The code's ratio is 2 s / (s + 1e-5) where there is nothing.
    valueOfNothing: isCode ? 1 - 2 * smooth / (smooth + 1e-5) : 0
  ) { sample, _ in
    let regions = isCode ? sample.perImage : [sample.valid]
    let losses = regions.map { pixels in
      var (overlap, size) = (0.0, 0.0)
      for pixel in pixels {
        let label = Int(sample.labels[pixel])
        for (index, p) in sample.probabilities(pixel).enumerated() {
          let weight = classWeights.map { $0[index % $0.count] } ?? 1
          size += weight * (loss.squared ? p * p : p)
          if index == label {
            overlap += weight * p
            size += weight
          }
        }
      }
      return isCode
        ? 1 - 2 * (overlap + smooth) / (size + smooth + 1e-5)
        : 1 - (2 * overlap + smooth) / (size + smooth)
    }
    return losses.reduce(0, +) / Double(regions.count)
  }
}
