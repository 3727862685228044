public import SegCore

/// A traced computation: operations in the order they run, over typed values.
///
/// Tracing checks shapes at once, so a mistake is reported with the module path that made it. The
/// gradient is emitted into the same graph (`differentiate`).
public final class Graph {
  package struct Node {
    package var op: any Op
    package var inputs: [Value]
    package var outputs: [Output]
    /// Path of the module that emitted it.
    package var path: String
    package var isGradient: Bool
  }

  package struct Output {
    package var value: Value
    /// Adds to the value instead of storing it; another node stored it first.
    package var accumulates = false
  }

  struct Entry {
    var type: TensorType
    var role: ValueRole
  }

  package private(set) var nodes: [Node] = []
  package private(set) var stepInputs: [StepInput] = []
  private var entries: [Entry] = []
  private var parameterValues: [Int: Value] = [:]
  private var bufferValues: [Int: Value] = [:]
  /// Set while gradients are emitted, so that plans can tell the passes apart.
  var emitsGradients = false

  public let mode: Mode
  /// Algorithms the layers' convolutions may use.
  public let convolution: ConvolutionPolicy

  public init(_ mode: Mode = .training, convolution: ConvolutionPolicy = .automatic) {
    self.mode = mode
    self.convolution = convolution
  }

  package var valueCount: Int { entries.count }
  public func type(of value: Value) -> TensorType { entries[value.index].type }
  package func role(of value: Value) -> ValueRole { entries[value.index].role }

  /// A tensor the caller fills before each step; `name` is unique within the graph.
  public func input(_ name: String, _ type: TensorType) -> Tensor {
    add(type, .input(name: name))
  }

  /// A tensor that is filled before each step from where in the run the step is.
  public func stepInput(
    _ name: String, _ shape: Shape, fill: @escaping StepInput.Fill
  ) -> Tensor {
    let tensor = input(name, TensorType(shape))
    stepInputs.append(StepInput(value: tensor.value, fill: fill))
    return tensor
  }

  /// A tensor whose contents never change.
  public func constant(_ values: [Float], _ shape: Shape) -> Tensor {
    precondition(
      values.count == shape.count, "constant of shape \(shape) with \(values.count) values")
    return add(TensorType(shape), .constant(values))
  }

  /// The parameter as a tensor, always the same one.
  public func parameter(_ parameter: Parameter) -> Tensor {
    if let value = parameterValues[parameter.index] { return Tensor(graph: self, value: value) }
    let tensor = add(TensorType(parameter.shape), .parameter(parameter))
    parameterValues[parameter.index] = tensor.value
    return tensor
  }

  /// The buffer as a tensor, always the same one.
  public func buffer(_ buffer: Buffer) -> Tensor {
    if let value = bufferValues[buffer.index] { return Tensor(graph: self, value: value) }
    let tensor = add(buffer.type, .buffer(buffer))
    bufferValues[buffer.index] = tensor.value
    return tensor
  }

  /// Appends an operation and returns its outputs.
  ///
  /// - Throws: `ShapeError` with `path` when the inputs do not fit.
  @discardableResult
  public func emit(
    _ op: some Op, _ inputs: [Tensor], path: String
  ) throws(ShapeError) -> [Tensor] {
    let types: [TensorType]
    do {
      types = try op.infer(inputs.map(\.type))
    } catch {
      var located = error
      if located.path.isEmpty { located.path = path }
      throw located
    }
    let outputs = types.map { add($0, .activation) }
    nodes.append(
      Node(
        op: op, inputs: inputs.map(\.value), outputs: outputs.map { Output(value: $0.value) },
        path: path, isGradient: emitsGradients))
    return outputs
  }

  private func add(_ type: TensorType, _ role: ValueRole) -> Tensor {
    entries.append(Entry(type: type, role: role))
    return Tensor(graph: self, value: Value(index: entries.count - 1))
  }

  // MARK: Rewriting, used by `rewrite`

  func addActivation(_ type: TensorType) -> Value { add(type, .activation).value }

  func setNodes(_ nodes: [Node]) { self.nodes = nodes }

  // MARK: Rewriting, used by `differentiate`

  /// Makes output `output` of node `node` add to `target` instead of storing a value of its own.
  func redirect(node: Int, output: Int, accumulatingInto target: Value) {
    nodes[node].outputs[output] = Output(value: target, accumulates: true)
  }

  /// Removes the operation that was the last to store `value` or to add to it, if it is of `kind`, has no other output,
  /// fits `condition`, and nobody reads `value` after it.
  func removeLastWriter<Kind: Op>(
    of value: Value, running kind: Kind.Type, where condition: (Kind) -> Bool
  ) -> (op: Kind, inputs: [Tensor], accumulates: Bool, path: String)? {
    for (index, node) in nodes.enumerated().reversed() {
      if node.inputs.contains(value) { return nil }
      guard let output = node.outputs.first(where: { $0.value == value }) else { continue }
      guard node.isGradient, node.outputs.count == 1, let op = node.op as? Kind, condition(op)
      else { return nil }
      nodes.remove(at: index)
      let inputs = node.inputs.map { Tensor(graph: self, value: $0) }
      return (op, inputs, output.accumulates, node.path)
    }
    return nil
  }

  /// Declares that `value` holds the gradient of `parameter`.
  func setRole(_ role: ValueRole, of value: Value) { entries[value.index].role = role }
}
