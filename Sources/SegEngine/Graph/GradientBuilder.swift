public import SegCore

/// What an operation sees while its gradient is emitted.
public struct GradientBuilder {
  public let graph: Graph
  /// The inputs and outputs of the forward operation.
  public let inputs: [Tensor]
  public let outputs: [Tensor]
  let path: String
  let state: GradientState

  /// Gradient of the loss with respect to output `index`; `nil` when nothing flows back from there.
  public func upstream(_ index: Int = 0) -> Tensor? {
    state.gradients[outputs[index].value.index].map { Tensor(graph: graph, value: $0) }
  }

  /// Whether anything that learns lies behind input `index`.
  public func needs(_ index: Int) -> Bool { state.needsGradient[inputs[index].value.index] }

  /// Emits a gradient operation under the forward operation's module path.
  @discardableResult
  public func emit(_ op: some Op, _ inputs: [Tensor]) throws(ShapeError) -> [Tensor] {
    try graph.emit(op, inputs, path: path)
  }

  /// Removes the operation that wrote the gradient of output 0, or was the last to add to it, if it is of `kind`, fits
  /// `condition` and nobody else reads the result: it then can be part of the one that reads it.
  ///
  /// - Returns: the operation, what it read, whether it added to `gradient`, which then is what it was before, and its
  ///   module path.
  func takeBack<Kind: Op>(
    _ gradient: Tensor, writtenBy kind: Kind.Type, where condition: (Kind) -> Bool
  ) -> (op: Kind, inputs: [Tensor], accumulates: Bool, path: String)? {
    guard state.pendingHolders[gradient.value.index, default: 0] == 0,
      !state.asked.contains(outputs[0].value)
    else { return nil }
    return graph.removeLastWriter(of: gradient.value, running: kind, where: condition)
  }

  /// Adds `gradient` to what flows to input `index`.
  public func flow(_ gradient: Tensor, to index: Int) {
    precondition(
      gradient.shape == inputs[index].shape,
      "\(path): gradient \(gradient.shape) for input \(inputs[index].shape)")
    state.contribute(gradient.value, to: inputs[index].value)
  }
}

/// Bookkeeping of one `differentiate` run.
final class GradientState {
  /// By value: contributions not yet combined.
  var contributions: [Int: [Value]] = [:]
  /// By value: the combined gradient.
  var gradients: [Int: Value] = [:]
  var needsGradient: [Bool]
  /// By gradient value: how many uncombined contributions hold it.
  var pendingHolders: [Int: Int] = [:]
  /// By gradient value: how often it was handed out in all.
  var flows: [Int: Int] = [:]

  /// Values whose gradients the caller wants to see.
  let asked: Set<Value>

  init(needsGradient: [Bool], asked: Set<Value>) {
    self.needsGradient = needsGradient
    self.asked = asked
  }

  func contribute(_ gradient: Value, to value: Value) {
    guard needsGradient[value.index] else { return }
    contributions[value.index, default: []].append(gradient)
    pendingHolders[gradient.index, default: 0] += 1
    flows[gradient.index, default: 0] += 1
  }

  func needs(_ value: Value) -> Bool { needsGradient[value.index] }
}
