/// Memory of one step: inputs, activations and scratch of whichever plan runs.
///
/// Executors whose steps never overlap, such as those of training and of evaluation, share one; it is as large
/// as the largest of them needs. What a step left behind lasts until another executor's inputs are filled.
public final class StepMemory {
  private(set) var inputs: Arena?
  private(set) var activations: Arena?
  private(set) var workspace: Arena?
  /// Changes when memory moves, so that executors find it again.
  private(set) var version = 0

  public init() {}

  /// Makes room for `plan` run by `workers` threads. What was in memory that has to grow is lost.
  ///
  /// - Throws: `Failure(.internal)` when the machine does not have that much.
  func reserve(_ plan: Plan, workers: Int) throws {
    try grow(&inputs, to: plan.inputBytes, "inputs")
    try grow(&activations, to: plan.activationBytes, "activations")
    try grow(&workspace, to: plan.workspaceBytes(workers: workers), "workspace")
  }

  private func grow(_ arena: inout Arena?, to byteCount: Int, _ purpose: String) throws {
    if let arena, arena.byteCount >= byteCount { return }
    version += 1
    // Let go first, so that the old and the new are never there together.
    arena = nil
    arena = try Arena(byteCount: byteCount, purpose: purpose)
  }
}
