import SegLosses

let crossEntropyCases: [LossCase] = [nil, [0.5, 1, 1.5]].map { weights in
  LossCase(
    weights == nil ? "cross_entropy" : "cross_entropy weighted", CrossEntropy(),
    classWeights: weights
  ) { sample, _ in
    let factors = sample.valid.map { pixel in
      weights.map { $0[Int(sample.labels[pixel]) % $0.count] } ?? 1
    }
    let losses = zip(sample.valid, factors).map { sample.crossEntropy($0) * $1 }
    return losses.reduce(0, +) / factors.reduce(0, +)
  }
}
