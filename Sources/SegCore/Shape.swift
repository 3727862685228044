/// The extents of a tensor, outermost first; `[]` is a scalar.
///
/// Shapes exist while a graph is traced, never inside a step, so an array is cheap enough.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  public var dims: [Int]

  public init(_ dims: [Int]) { self.dims = dims }
  public init(arrayLiteral elements: Int...) { dims = elements }

  /// Number of elements; 1 for a scalar.
  public var count: Int { dims.reduce(1, *) }
  public var rank: Int { dims.count }
  public subscript(axis: Int) -> Int { dims[axis] }
  public var description: String { "[" + dims.map(String.init).joined(separator: ", ") + "]" }
}

/// Element types the engine and the checkpoint files know.
public enum DType: String, Hashable, Sendable, CaseIterable {
  case float32, float64, uint8, int32, int64

  /// Bytes per element.
  public var size: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }
}

/// Shape and element type of a tensor: everything the trace knows about it.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  public var shape: Shape
  public var dtype: DType

  public init(_ shape: Shape, _ dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype
  }

  public var byteCount: Int { shape.count * dtype.size }
  public var description: String { "\(dtype)\(shape)" }
}

/// A named array of floats outside the engine: what files hold and tests compare.
public struct HostTensor: Sendable, Equatable {
  public var name: String
  public var shape: Shape
  public var values: [Float]

  public init(name: String, shape: Shape, values: [Float]) {
    precondition(shape.count == values.count, "\(name): \(shape) needs \(shape.count) values")
    self.name = name
    self.shape = shape
    self.values = values
  }
}
