public import SegCore

/// What a rewrite sees of a graph, and the one way it changes it: some operations give way to others that
/// produce the same values.
public struct GraphEditor {
  /// An operation; stays valid until it is replaced.
  public struct NodeID: Hashable, Sendable {
    fileprivate let index: Int
  }

  /// An operation to be put in place, on existing values or such as `makeValue` made.
  public struct Operation {
    public var op: any Op
    public var inputs: [Value]
    public var outputs: [Value]
    /// `nil`: that of the last operation it replaces.
    public var path: String?

    public init(
      _ op: any Op, _ inputs: [Value], producing outputs: [Value], path: String? = nil
    ) {
      self.path = path
      self.op = op
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  private let graph: Graph
  private let kept: Set<Value>
  /// By node, in the order they were made; replaced ones stay, unused.
  private var table: [Graph.Node]
  /// The operations in the order they run.
  public private(set) var nodes: [NodeID]
  private var producers: [Value: NodeID] = [:]
  private var readers: [Value: [NodeID]] = [:]

  init(_ graph: Graph, keeping: [Tensor]) {
    self.graph = graph
    kept = Set(keeping.map(\.value))
    table = graph.nodes
    nodes = table.indices.map { NodeID(index: $0) }
    for node in nodes { register(node) }
  }

  private mutating func register(_ node: NodeID) {
    for output in table[node.index].outputs { producers[output.value] = node }
    for input in table[node.index].inputs where readers[input]?.contains(node) != true {
      readers[input, default: []].append(node)
    }
  }

  // MARK: Looking

  public func op(of node: NodeID) -> any Op { table[node.index].op }
  public func inputs(of node: NodeID) -> [Value] { table[node.index].inputs }
  public func outputs(of node: NodeID) -> [Value] { table[node.index].outputs.map(\.value) }
  /// Path of the module that emitted it.
  public func path(of node: NodeID) -> String { table[node.index].path }
  public func type(of value: Value) -> TensorType { graph.type(of: value) }
  public func role(of value: Value) -> ValueRole { graph.role(of: value) }

  /// The operations of one kind, in the order they run.
  public func nodes<Kind: Op>(running kind: Kind.Type) -> [(node: NodeID, op: Kind)] {
    nodes.compactMap { node in (op(of: node) as? Kind).map { (node, $0) } }
  }

  /// Who computes `value`; `nil` for inputs, parameters, buffers and constants.
  public func producer(of value: Value) -> NodeID? { producers[value] }

  /// The same when it is an operation of `kind`.
  public func producer<Kind: Op>(
    of value: Value, running kind: Kind.Type
  ) -> (node: NodeID, op: Kind)? {
    guard let node = producers[value], let op = op(of: node) as? Kind else { return nil }
    return (node, op)
  }

  /// The operations that read `value`, each once.
  public func readers(of value: Value) -> [NodeID] { readers[value] ?? [] }

  /// Whether `value` must be computed whoever reads it within the graph.
  public func isKept(_ value: Value) -> Bool { kept.contains(value) }

  /// Whether nobody misses `value` once `nodes` are gone.
  public func isRead(_ value: Value, onlyBy nodes: NodeID...) -> Bool {
    !isKept(value) && readers(of: value).allSatisfy { nodes.contains($0) }
  }

  /// Whether `value` is known before an inference step: it then is computed once, not for every picture.
  public func dependsOnWeightsAlone(_ value: Value) -> Bool {
    guard let producer = producers[value] else { return role(of: value).isSettled }
    return op(of: producer).traits.updates.isEmpty
      && inputs(of: producer).allSatisfy { dependsOnWeightsAlone($0) }
  }

  // MARK: Changing

  /// A value nobody computes yet.
  public func makeValue(_ type: TensorType) -> Value { graph.addActivation(type) }

  /// Puts one operation in the place of `replaced`.
  @discardableResult
  public mutating func replace(
    _ replaced: [NodeID], by op: some Op, _ inputs: [Value], producing outputs: [Value]
  ) -> NodeID {
    replace(replaced, by: [Operation(op, inputs, producing: outputs)])[0]
  }

  /// Puts `operations`, in this order, in the place of `replaced`: after what they read and before
  /// what reads their outputs, as late as the last of `replaced` where that is possible.
  ///
  /// It is a mistake of the rule when types do not fit, a value
  /// that is still read loses its producer, or there is no such place.
  @discardableResult
  public mutating func replace(
    _ replaced: [NodeID], by operations: [Operation]
  ) -> [NodeID] {
    let places = nodes.indices.filter { replaced.contains(nodes[$0]) }
    guard let last = places.last, places.count == replaced.count else {
      preconditionFailure("operations to be replaced are part of the graph, each named once")
    }
    let path = path(of: nodes[last])
    checkUpdates(replaced, operations, path)
    remove(replaced)
    var added: [NodeID] = []
    for operation in operations {
      check(operation, path)
      let node = NodeID(index: table.count)
      table.append(
        Graph.Node(
          op: operation.op, inputs: operation.inputs,
          outputs: operation.outputs.map { Graph.Output(value: $0) }, path: operation.path ?? path,
          isGradient: false)
      )
      added.append(node)
      register(node)
    }
    nodes.insert(contentsOf: added, at: place(for: added, near: last + 1 - places.count, path))
    return added
  }

  private mutating func remove(_ replaced: [NodeID]) {
    nodes.removeAll { replaced.contains($0) }
    for node in replaced {
      for output in table[node.index].outputs { producers[output.value] = nil }
      for input in table[node.index].inputs { readers[input]?.removeAll { $0 == node } }
    }
  }

  /// Where in `nodes` to insert, next to `wanted`.
  private func place(for added: [NodeID], near wanted: Int, _ path: String) -> Int {
    let read = Set(added.flatMap { inputs(of: $0) })
    let written = Set(added.flatMap { outputs(of: $0) })
    var (first, end) = (0, nodes.count)
    for (position, node) in nodes.enumerated() {
      if outputs(of: node).contains(where: { read.contains($0) }) { first = position + 1 }
      if position < end, inputs(of: node).contains(where: { written.contains($0) }) {
        end = position
      }
    }
    precondition(first <= end, "\(path): the operations put in place read what depends on them")
    return max(first, min(wanted, end))
  }

  private func check(_ operation: Operation, _ path: String) {
    let name = Swift.type(of: operation.op).name
    do {
      let types = try operation.op.infer(operation.inputs.map { type(of: $0) })
      let expected = operation.outputs.map { type(of: $0) }
      precondition(types == expected, "\(path): \(name) gives \(types) instead of \(expected)")
    } catch {
      preconditionFailure("\(path): \(error)")
    }
    for output in operation.outputs {
      precondition(
        role(of: output).isActivation && producers[output] == nil,
        "\(path): an output of \(name) has another source already")
    }
  }

  /// Running statistics are updated after a rewrite as before.
  private func checkUpdates(
    _ replaced: [NodeID], _ operations: [Operation], _ path: String
  ) {
    let before = replaced.flatMap { node in
      op(of: node).traits.updates.map { inputs(of: node)[$0] }
    }
    let after = operations.flatMap { operation in
      operation.op.traits.updates.map { operation.inputs[$0] }
    }
    precondition(Set(before) == Set(after), "\(path): other buffers are updated than before")
  }

  /// Hands the operations back to the graph, once everything that is read has a source before it.
  func finish() {
    var known = Set<Value>()
    for node in nodes {
      for input in inputs(of: node) where role(of: input).isActivation {
        precondition(known.contains(input), "\(path(of: node)): an input has no source before it")
      }
      known.formUnion(outputs(of: node))
    }
    for value in kept where role(of: value).isActivation {
      precondition(known.contains(value), "a tensor that is kept has lost its source")
    }
    graph.setNodes(nodes.map { table[$0.index] })
  }
}
