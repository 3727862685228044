import SegCore
import SegData
import SegLosses

extension ClassWeightsConfig {
  /// One weight a class, from the pixel counts of the training split.
  func values(counts: [Int]) throws -> [Float] {
    let rule: ClassWeightRule =
      switch self {
      case .values(let numbers): return numbers.map { Float($0) }
      case .inverse: .inverse
      case .inverseMeanOne: .inverseMean1
      case .median: .median
      case .effective(let beta): .effective(beta: beta)
      }
    return try rule.weights(counts: counts).map { Float($0) }
  }
}
