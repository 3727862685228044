public import SegCore

/// One tensor of a graph: an index, valid in the graph that made it.
public struct Value: Hashable, Sendable {
  public let index: Int
}

/// Where a value's memory lives and who may write it.
public enum ValueRole: Sendable {
  /// Made and consumed within one step.
  case activation
  /// Filled by the caller before each step.
  case input(name: String)
  /// Learned; only the optimiser writes it.
  case parameter(Parameter)
  /// Persistent but not learned (running statistics); operations that declare it update it in place.
  case buffer(Buffer)
  /// The gradient of a parameter, read by the optimiser after the step.
  case gradient(of: Parameter)
  /// Fixed when the graph is traced.
  case constant([Float])

  var isActivation: Bool {
    if case .activation = self { true } else { false }
  }
}

/// A symbolic tensor: a type and a place in a graph, no data.
public struct Tensor {
  public let graph: Graph
  public let value: Value

  public var type: TensorType { graph.type(of: value) }
  public var shape: Shape { type.shape }
}

/// How a parameter's elements are ordered in memory, as against the files.
public enum ParameterLayout: Hashable, Sendable {
  /// As in the file.
  case asFiled
  /// `[O, I, H, W]` in the file, `[H, W, I, O]` in memory, so that one tap of a convolution is a matrix
  /// and output channels are contiguous.
  case convolution
}

/// A learned tensor, declared once through a `Scope`.
public struct Parameter: Hashable, Sendable {
  public let index: Int
  /// Checkpoint key, e.g. `backbone.layer1.0.conv1.weight`.
  public let name: String
  /// Shape in files.
  public let filedShape: Shape
  public let layout: ParameterLayout

  /// Shape in memory.
  public var shape: Shape {
    switch layout {
    case .asFiled: filedShape
    case .convolution: [filedShape[2], filedShape[3], filedShape[1], filedShape[0]]
    }
  }
}

/// A persistent tensor that is not learned, e.g. a running mean; never seen by an optimiser.
public struct Buffer: Hashable, Sendable {
  public let index: Int
  public let name: String
  public let type: TensorType
}
