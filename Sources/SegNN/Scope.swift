public import SegCore
public import SegEngine

/// A place in the tree of module names, through which parameters and buffers are declared.
///
/// `scope / "layer1" / 0 / "conv1"` declares under `layer1.0.conv1`, the key a checkpoint uses.
public struct Scope {
  public let declarations: Declarations
  public let path: String

  /// The root: names start here.
  public init(_ declarations: Declarations) { self.init(declarations, path: "") }

  private init(_ declarations: Declarations, path: String) {
    self.declarations = declarations
    self.path = path
  }

  public static func / (scope: Scope, name: String) -> Scope {
    Scope(scope.declarations, path: scope.path.isEmpty ? name : "\(scope.path).\(name)")
  }

  public static func / (scope: Scope, index: Int) -> Scope { scope / String(index) }

  /// Declares a learned tensor; `shape` is the shape in files.
  public func parameter(
    _ name: String, _ shape: Shape, layout: ParameterLayout = .asFiled, _ initializer: Initializer
  ) -> Parameter {
    let parameter = declarations.store.declareParameter(
      (self / name).path, shape, layout: layout)
    declarations.initializers.append(initializer)
    return parameter
  }

  /// Declares a persistent tensor that is not learned.
  public func buffer(_ name: String, _ type: TensorType, startingAt value: Float = 0) -> Buffer {
    let buffer = declarations.store.declareBuffer((self / name).path, type)
    declarations.bufferStarts.append(value)
    return buffer
  }

  /// Declares a persistent float tensor that belongs to the run and not to the model.
  public func runBuffer(_ name: String, _ shape: Shape, startingAt value: Float = 0) -> Buffer {
    let buffer = declarations.store.declareRunBuffer((self / name).path, shape)
    declarations.bufferStarts.append(value)
    return buffer
  }
}

/// What a model has declared: a store for the tensors, and how each of them starts.
public final class Declarations {
  public let store: ParameterStore
  /// By parameter index.
  fileprivate(set) var initializers: [Initializer] = []
  /// By buffer index.
  fileprivate(set) var bufferStarts: [Float] = []

  public init(_ store: ParameterStore = ParameterStore()) { self.store = store }

  /// Rows of a weight that one thread draws at a time: a cache line of output channels.
  private static let rowsPerChunk = 16

  /// Sets every parameter and buffer to its starting value, a pure function of `seed` and its name.
  ///
  /// - Parameter pool: threads to share the work; results do not depend on it.
  public func initialize(seed: UInt64, pool: ThreadPool = ThreadPool(threads: 1)) {
    var chunks: [(parameter: Parameter, rows: Range<Int>)] = []
    for parameter in store.parameters {
      for first in stride(from: 0, to: parameter.rows, by: Self.rowsPerChunk) {
        let end = min(first + Self.rowsPerChunk, parameter.rows)
        chunks.append((parameter, first..<end))
      }
    }
    let (work, initializers) = (chunks, initializers)
    let starts = store.parameters.map { store.range(of: $0).lowerBound }
    store.updateParameters { block in
      // Chunks write elements of their own.
      nonisolated(unsafe) let flat = block
      pool.forEach(work.count) { index in
        let (parameter, rows) = work[index]
        let shape = parameter.filedShape
        let first = rows.lowerBound * (shape.count / parameter.rows)
        initializers[parameter.index].draw(
          shape, from: first, seed: seed, name: parameter.name
        ) { next in
          parameter.fill(rows: rows, of: flat, at: starts[parameter.index], next)
        }
      }
    }
    for buffer in store.buffers {
      let start = bufferStarts[buffer.index]
      switch buffer.type.dtype {
      case .float32:
        store.set(buffer, to: [Float](repeating: start, count: buffer.type.shape.count))
      default: store.setCounter(buffer, to: Int64(start))
      }
    }
  }
}
