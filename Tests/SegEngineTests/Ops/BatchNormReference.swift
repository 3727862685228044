import SegCore
import SegTestSupport

/// Batch normalisation written naively in Double, two passes for the variance.
enum BatchNormReference {
  static func statistics(_ x: Reference, epsilon: Double) -> [Reference] {
    let channels = x.shape[3]
    let rows = x.values.count / channels
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    for (index, value) in x.values.enumerated() { mean[index % channels] += value }
    for channel in 0..<channels { mean[channel] /= Double(rows) }
    for (index, value) in x.values.enumerated() {
      let centred = value - mean[index % channels]
      variance[index % channels] += centred * centred
    }
    for channel in 0..<channels { variance[channel] /= Double(rows) }
    let inverse = variance.map { 1 / ($0 + epsilon).squareRoot() }
    return [mean, variance, inverse].map { Reference([channels], $0) }
  }

  static func apply(
    _ x: Reference, _ mean: Reference, _ inverse: Reference, _ gamma: Reference, _ beta: Reference
  ) -> Reference {
    let channels = x.shape[3]
    let values = x.values.enumerated().map { index, value in
      let channel = index % channels
      return (value - mean.values[channel]) * inverse.values[channel] * gamma.values[channel]
        + beta.values[channel]
    }
    return Reference(x.shape, values)
  }
}
