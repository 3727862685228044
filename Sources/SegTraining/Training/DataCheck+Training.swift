import SegCore
import SegData

extension DataCheck {
  /// Refuses to train on data with errors, all of them named at once.
  ///
  /// - Throws: `Failure(.badData)`.
  func requireSound() throws {
    let found = problems.filter { $0.severity == .error }
    guard let first = found.first else { return }
    if found.count == 1 {
      throw Failure(.badData, first.file ?? first.split, first.message, hint: first.hint)
    }
    let shown = found.prefix(10).map { "\($0.file ?? $0.split): \($0.message)" }
    let rest = found.count > 10 ? ["… and \(found.count - 10) more"] : []
    throw Failure(
      .badData, "data", "\(found.count) problems:\n  " + (shown + rest).joined(separator: "\n  "),
      hint: first.hint ?? "segtrain data check lists all of them")
  }
}
