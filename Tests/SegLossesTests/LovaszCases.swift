import SegLosses

let lovaszCases: [LossCase] = [
  lovasz("lovasz_softmax", LovaszSoftmax()),
  lovasz("lovasz_softmax, all classes", LovaszSoftmax(classes: .all)),
  lovasz("lovasz_softmax recall_code", LovaszSoftmax(variant: .recallCode)),
  lovasz(
    "lovasz_softmax recall_code, all classes",
    LovaszSoftmax(variant: .recallCode, classes: .all)),
]

private func lovasz(_ name: String, _ loss: LovaszSoftmax) -> LossCase {
  LossCase(name, loss) { sample, _ in
    let regions = loss.variant == .recallCode ? sample.perImage : [sample.valid]
    let losses = regions.map { pixels in
      let p = pixels.map(sample.probabilities)
      let own = pixels.map { Int(sample.labels[$0]) }
      let present = Set(own)
      let classes = (0..<sample.classes).filter { loss.classes == .all || present.contains($0) }
      let sum = classes.map { index in
        lovaszExtension(zip(p, own).map { (p: $0[index], isOwn: $1 == index) })
      }.reduce(0, +)
      return pixels.isEmpty ? 0 : sum / Double(classes.count)
    }
    return losses.reduce(0, +) / Double(regions.count)
  }
}

/// Of one class, by differences of the Jaccard loss of the first k pixels.
private func lovaszExtension(_ pixels: [(p: Double, isOwn: Bool)]) -> Double {
  let errors = pixels.map { (error: $0.isOwn ? 1 - $0.p : $0.p, isOwn: $0.isOwn) }
  let own = Double(pixels.filter(\.isOwn).count)
  var (missed, wrong, before, sum) = (0.0, 0.0, 0.0, 0.0)
  for entry in errors.sorted(by: { $0.error > $1.error }) {
    if entry.isOwn { missed += 1 } else { wrong += 1 }
    let jaccard = 1 - (own - missed) / (own + wrong)
    sum += entry.error * (jaccard - before)
    before = jaccard
  }
  return sum
}
