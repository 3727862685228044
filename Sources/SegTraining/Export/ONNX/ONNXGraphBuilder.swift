package import SegCore
package import SegEngine

/// Collects the nodes and constants of an ONNX graph from traces of a network.
package struct ONNXGraphBuilder {
  /// Of the same network at different sizes; all have the same nodes.
  let traces: [InferenceTrace]
  let store: ParameterStore
  let isDynamic: Bool
  package var nodes: [ONNXNode] = []
  var constants: [ONNXTensor] = []
  /// ONNX names of values.
  private var names: [Value: String] = [:]
  private var used: Set<String> = []
  /// Running variances and what is added to them, by the value that holds their inverse deviation.
  var variances: [Value: (buffer: String, epsilon: Double)] = [:]

  package init(_ traces: [InferenceTrace], store: ParameterStore, isDynamic: Bool) {
    self.traces = traces
    self.store = store
    self.isDynamic = isDynamic
  }

  var graph: Graph { traces[0].graph }

  /// Emits every operation of the network.
  package mutating func build(input: String, output: String) throws(Failure) {
    names[traces[0].image.value] = input
    for node in graph.nodes {
      if node.outputs.first?.value == traces[0].logits.value {
        names[traces[0].logits.value] = output
      }
      try emit(node)
    }
  }

  /// The name of an input of a node, whose constant is added where it is first used.
  mutating func name(_ value: Value, at path: String) throws(Failure) -> String {
    if let name = names[value] { return name }
    let store = store
    switch graph.role(of: value) {
    case .parameter(let parameter):
      constants.append(
        .floats(parameter.name, parameter.filedShape.dims) { store.values(of: parameter) })
      names[value] = parameter.name
      return parameter.name
    case .buffer(let buffer) where buffer.type.dtype == .float32:
      constants.append(.floats(buffer.name, buffer.type.shape.dims) { store.values(of: buffer) })
      names[value] = buffer.name
      return buffer.name
    default:
      throw Failure(.internal, path, "ONNX: value \(value.index) is used before it is made")
    }
  }

  /// A name for what a node makes: the module's path and the operation, with a number where it is taken.
  mutating func nameOutput(_ value: Value, path: String, _ operation: String) -> String {
    if let name = names[value] { return name }
    let name = unique("\(path)/\(operation)")
    names[value] = name
    return name
  }

  mutating func unique(_ name: String) -> String {
    var candidate = name
    var number = 1
    while !used.insert(candidate).inserted {
      number += 1
      candidate = "\(name)_\(number)"
    }
    return candidate
  }

  /// The input or an earlier value whose height and width are those of `value` at every traced size.
  func sameSize(as value: Value) -> Value? {
    func size(_ value: Value, _ trace: InferenceTrace) -> [Int]? {
      let shape = trace.graph.type(of: value).shape
      return shape.rank == 4 ? [shape[1], shape[2]] : nil
    }
    let wanted = traces.map { size(value, $0) }
    let candidates = [traces[0].image.value] + graph.nodes.compactMap { $0.outputs.first?.value }
    return candidates.first { candidate in
      candidate.index < value.index && traces.map { size(candidate, $0) } == wanted
    }
  }
}
