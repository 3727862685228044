import SegCore
import SegData
import SegLosses

extension ClassWeightsConfig {
  /// One weight a class, from the pixel counts of the training split.
  func values(counts: [Int]) throws -> [Float] {
    switch self {
    case .values(let numbers): numbers.map { Float($0) }
    case .inverse: try Self.weights(.inverse, counts)
    case .inverseMeanOne: try Self.weights(.inverseMean1, counts)
    case .median: try Self.weights(.median, counts)
    case .effective(let beta): try Self.weights(.effective(beta: beta), counts)
    }
  }

  private static func weights(_ rule: ClassWeightRule, _ counts: [Int]) throws -> [Float] {
    try rule.weights(counts: counts).map { Float($0) }
  }
}
