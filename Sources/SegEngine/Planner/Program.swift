import SegCore

/// The operations a plan runs, in order, with types and roles of their values: what is changed between a
/// graph and its plan.
struct Program {
  var nodes: [Graph.Node]
  private(set) var types: [TensorType]
  private(set) var roles: [ValueRole]
  /// Indices of the values that must still be there after the last operation.
  let kept: Set<Int>

  /// The operations of `graph` that somebody needs: not what a frozen backbone's gradient would have been.
  init(_ graph: Graph, keeping kept: Set<Int>) {
    self.kept = kept
    types = (0..<graph.valueCount).map { graph.type(of: Value(index: $0)) }
    roles = (0..<graph.valueCount).map { graph.role(of: Value(index: $0)) }
    var read = kept
    var needed: [Graph.Node] = []
    for node in graph.nodes.reversed() {
      let isWanted = node.outputs.contains { output in
        if read.contains(output.value.index) { return true }
        if case .gradient = graph.role(of: output.value) { return true }
        return false
      }
      guard isWanted || !node.op.traits.updates.isEmpty else { continue }
      read.formUnion(node.inputs.map(\.index))
      needed.append(node)
    }
    nodes = needed.reversed()
  }

  /// A new activation of the type of `value`.
  mutating func addCopy(of value: Value) -> Value {
    types.append(types[value.index])
    roles.append(.activation)
    return Value(index: types.count - 1)
  }
}
