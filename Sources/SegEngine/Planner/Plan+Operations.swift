import SegCore

extension Plan {
  /// One operation of a plan, as a profile shows it.
  public struct Operation: Sendable {
    public var path, name: String
    public var isGradient: Bool
    public var algorithm, kind: String?
    public var multiplyAdds: Int
    /// Of all inputs and outputs, each counted once, and once more where it is added to.
    public var bytesMoved: Int
  }

  /// One for each step, in the order `Executor.run(_:timing:)` counts them.
  public var operations: [Operation] {
    steps.map { step in
      let inputs = step.inputs.map { types[$0.index] }
      let written = zip(step.outputs, step.accumulates).map { output, accumulates in
        types[output.index].byteCount * (accumulates ? 2 : 1)
      }
      return Operation(
        path: step.path, name: type(of: step.op).name, isGradient: step.isGradient,
        algorithm: step.op.algorithm(inputs), kind: step.op.kind(inputs),
        multiplyAdds: step.op.multiplyAdds(inputs),
        bytesMoved: (inputs.map(\.byteCount) + written).reduce(0, +))
    }
  }
}
