import SegEngine
import SegLosses

let tverskyCases: [LossCase] = [
  tversky("tversky", Tversky()),
  tversky("tversky 0.5/0.5", Tversky(alpha: 0.5, beta: 0.5)),
  tversky("tversky per_image", Tversky(reduction: .perImage)),
  tversky("tversky per_image 2/0.25", Tversky(alpha: 2, beta: 0.25, reduction: .perImage)),
]

private func tversky(_ name: String, _ loss: Tversky) -> LossCase {
  LossCase(name, loss) { sample, _ in
    func size(_ sums: ClassSums) -> Double {
      let falsePositives = sums.probability - sums.overlap
      let falseNegatives = sums.truth - sums.overlap
      return sums.overlap + loss.alpha * falsePositives + loss.beta * falseNegatives
    }
    switch loss.reduction {
    case .perClass:
      let present = sample.sums(sample.valid).filter { $0.truth > 0 }
      let losses = present.map { 1 - $0.overlap / max(size($0), 1e-7) }
      return losses.reduce(0, +) / Double(sample.classes)
    case .perImage:
      let losses = sample.perImage.map { pixels in
        let sums = sample.sums(pixels)
        let overlap = sums.map(\.overlap).reduce(0, +)
        return 1 - overlap / (sums.map(size).reduce(0, +) + 1e-5)
      }
      return losses.reduce(0, +) / Double(losses.count)
    }
  }
}
