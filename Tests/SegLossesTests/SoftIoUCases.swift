import SegEngine
import SegLosses

let softIoUCases: [LossCase] = [
  LossCase("soft_iou", SoftIoU()) { sample, _ in
    let ratios = sample.sums(sample.valid).filter { $0.truth > 0 }.map(overlapOverUnion)
    return 1 - ratios.reduce(0, +) / Double(ratios.count)
  },
  LossCase("soft_iou recall_code", SoftIoU(variant: .recallCode), readsIgnored: true) { sample, _ in
    let perImage = sample.pixels / sample.images
    let ratios = (0..<sample.images).flatMap { image in
      sample.sums(Array(image * perImage..<(image + 1) * perImage)).map(overlapOverUnion)
    }
    return -ratios.reduce(0, +) / Double(sample.images * sample.classes)
  },
]

private func overlapOverUnion(_ sums: ClassSums) -> Double {
  sums.overlap / (sums.probability + sums.truth - sums.overlap + 1e-16)
}
