import CSegKernels
import SegCore
import SegEngine

extension ParameterStore {
  /// The first parameter or running statistic with a value that is not finite; `nil` for sound weights.
  func firstNonFinite(_ pool: ThreadPool) -> String? {
    let values = flatParameters
    if sk_all_finite(pool.handle, values.baseAddress, values.count) == 0 {
      let broken = parameters.first { parameter in
        !flatParameters[range(of: parameter)].allSatisfy(\.isFinite)
      }
      if let broken { return "parameter \(broken.name)" }
    }
    for buffer in buffers where buffer.type.dtype == .float32 {
      if !self.values(of: buffer).allSatisfy(\.isFinite) { return "buffer \(buffer.name)" }
    }
    return nil
  }
}
