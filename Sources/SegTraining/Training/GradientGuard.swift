import CSegKernels
import SegEngine

/// Checks and clips the gradient of a step before it reaches the optimiser.
struct GradientGuard {
  let store: ParameterStore
  let groups: [ParameterGroup]
  let clipNorm: Double?
  let pool: ThreadPool

  /// Whether every element is finite.
  var isFinite: Bool {
    groups.allSatisfy { group in
      let gradients = store.flatGradients[group.range]
      return sk_all_finite(
        pool.handle, UnsafePointer(UnsafeMutableBufferPointer(rebasing: gradients).baseAddress),
        gradients.count) != 0
    }
  }

  /// Scales the gradient down to `clipNorm` where its L2 norm is larger, as `clip_grad_norm_`.
  ///
  /// - Returns: the norm before; `nil` where nothing is ever clipped.
  func clip() -> Double? {
    guard let clipNorm else { return nil }
    var squares = 0.0
    for group in groups {
      let gradients = UnsafeMutableBufferPointer(rebasing: store.flatGradients[group.range])
      squares += sk_sum_of_squares(pool.handle, gradients.baseAddress, gradients.count)
    }
    let norm = squares.squareRoot()
    if norm > clipNorm { scale(by: Float(clipNorm / (norm + 1e-6))) }
    return norm
  }

  func scale(by factor: Float) {
    for group in groups {
      let gradients = UnsafeMutableBufferPointer(rebasing: store.flatGradients[group.range])
      sk_scale(
        pool.handle, gradients.baseAddress, gradients.baseAddress, factor, gradients.count, 0)
    }
  }
}
