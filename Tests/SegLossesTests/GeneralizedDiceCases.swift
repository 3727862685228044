import SegEngine
import SegLosses

let generalizedDiceCases: [LossCase] = GeneralizedDice.Weighting.allCases.map { weighting in
  LossCase("generalized_dice \(weighting)", GeneralizedDice(weighting: weighting)) { sample, _ in
    let losses = sample.perImage.map { pixels in
      let sums = sample.sums(pixels)
      let weights: [Double] = sums.map { sums in
        switch weighting {
        case .square: 1 / (sums.truth * sums.truth)
        case .simple: 1 / sums.truth
        case .uniform: 1
        }
      }
      let heaviest = weights.filter { $0.isFinite }.max() ?? 0
      var (overlap, size) = (0.0, 0.0)
      for (sums, weight) in zip(sums, weights) {
        let weight = weight.isFinite ? weight : heaviest
        overlap += weight * sums.overlap
        size += weight * max(sums.probability + sums.truth, 1)
      }
      return 1 - 2 * overlap / size
    }
    return losses.reduce(0, +) / Double(losses.count)
  }
}
