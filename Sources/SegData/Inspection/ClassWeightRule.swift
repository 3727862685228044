import Glibc
internal import SegCore

/// How the pixel counts of the classes become weights of a loss.
///
/// A class without pixels gets weight 0 and takes no part in means and sums, but for the median of `median` and for
/// `effective`, which says what it does; no rule gives anything that is not finite.
public enum ClassWeightRule: Sendable, Equatable {
  /// 1 / f with f a class's share of all counted pixels.
  case inverse
  /// (1 / f) / mean(1 / f): `inverse` scaled so that the classes that occur have mean 1.
  case inverseMean1
  /// median(n) / n over pixel counts n, classes without pixels counting as 0 in the median; where that
  /// median is 0, the median of the others (SegNet's rule on counts, Badrinarayanan et al. 2017).
  case median
  /// (1 - beta) / (1 - betaⁿ), scaled so that the weights have mean 1 (effective number of samples, Cui et al. 2019,
  /// equation 2); 0 <= beta < 1, and (N - 1) / N with N the sum of all counts where it is `nil`. For a class without
  /// pixels the denominator is taken as 1, as the recall loss repository does; its weight counts in the mean.
  case effective(beta: Double?)

  /// As in `class_weights` of a loss.
  public var name: String {
    switch self {
    case .inverse: "inverse"
    case .inverseMean1: "inverse_mean1"
    case .median: "median"
    case .effective: "effective"
    }
  }

  /// Weights by class from pixel counts by class.
  ///
  /// - Throws: `Failure` `.badConfig` for a beta outside `0 ..< 1`.
  public func weights(counts: [Int]) throws -> [Double] {
    switch self {
    case .inverse: return Self.inverse(counts)
    case .inverseMean1: return Self.meanOne(Self.inverse(counts))
    case .median:
      let n = Self.median(counts)
      return counts.map { $0 > 0 ? n / Double($0) : 0 }
    case .effective(nil):
      // With beta = (N - 1) / N, 1 - beta is known exactly.
      let total = max(1, counts.map(Double.init).reduce(0, +))
      return Self.meanOne(counts.map { Self.effective($0, complement: 1 / total) })
    case .effective(let beta?):
      guard beta >= 0, beta < 1 else {
        throw Failure(
          .badConfig, "class_weights.beta", "expected 0 <= beta < 1, found \(beta)",
          hint: "0.9999 is the usual choice")
      }
      return Self.meanOne(counts.map { Self.effective($0, complement: 1 - beta) })
    }
  }

  private static func inverse(_ counts: [Int]) -> [Double] {
    let total = counts.map(Double.init).reduce(0, +)
    return counts.map { $0 > 0 ? total / Double($0) : 0 }
  }

  /// `expm1` and `log1p` keep the digits that `1 - pow(beta, n)` loses for beta close to 1.
  ///
  /// - Parameter complement: 1 - beta.
  private static func effective(_ count: Int, complement: Double) -> Double {
    guard count > 0 else { return complement }
    return complement / -expm1(Double(count) * log1p(-complement))
  }

  /// Scales positive weights to mean 1; zeros stay.
  private static func meanOne(_ weights: [Double]) -> [Double] {
    let positive = weights.filter { $0 > 0 }
    guard !positive.isEmpty else { return weights }
    let mean = positive.reduce(0, +) / Double(positive.count)
    return weights.map { $0 / mean }
  }

  private static func median(_ counts: [Int]) -> Double {
    let all = middle(counts)
    return all > 0 ? all : middle(counts.filter { $0 > 0 })
  }

  /// Of an even number of values the mean of the two in the middle.
  private static func middle(_ values: [Int]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
    return (Double(low) + Double(high)) / 2
  }
}
