import CSegKernels
import SegCore
public import SegEngine

/// An exponential moving average of parameters and running statistics, which evaluation and checkpoints use in their
/// place.
///
/// After update t (counted from 1) `average += (1 - d) · (weights - average)`, where `d = min(decay, (1 + t) / (10 + t))`
/// lets it forget the start (TensorFlow's `ExponentialMovingAverage` with `num_updates`). Counters are copied.
public final class WeightAverage {
  private let decay: Double
  private let store: ParameterStore
  private let pool: ThreadPool
  private let parameters: UnsafeMutableBufferPointer<Float>
  private let buffers: UnsafeMutableRawPointer
  private let arenas: [Arena]

  /// Before the names of the weights themselves in a checkpoint's `optimizer.safetensors`.
  static let prefix = "weights."

  /// Starts as the weights in `store`.
  public init(decay: Double, store: ParameterStore, pool: ThreadPool) throws {
    self.decay = decay
    self.store = store
    self.pool = pool
    arenas = [
      try Arena(byteCount: store.parameterBytes, purpose: "averaged weights"),
      try Arena(byteCount: store.bufferBytes, purpose: "averaged statistics"),
    ]
    parameters = UnsafeMutableBufferPointer(
      start: arenas[0].base.assumingMemoryBound(to: Float.self), count: store.parameterBytes / 4)
    buffers = arenas[1].base
    restart()
  }

  /// Takes the weights in the store as the average.
  func restart() {
    _ = parameters.update(fromContentsOf: store.flatParameters)
    store.updateBuffers { buffers.copyMemory(from: $0, byteCount: store.bufferBytes) }
  }

  /// Follows the weights after step `step`, counted from 0.
  public func update(step: Int) {
    let updates = Double(step + 1)
    let share = Float(1 - min(decay, (1 + updates) / (10 + updates)))
    sk_average(
      pool.handle, parameters.baseAddress, store.flatParameters.baseAddress, share,
      parameters.count)
    for buffer in store.buffers {
      let bytes = store.bytes(of: buffer)
      guard let source = bytes.baseAddress else { continue }
      let target = buffers + store.byteOffset(of: buffer)
      if buffer.type.dtype == .float32 {
        sk_average(
          pool.handle, target.assumingMemoryBound(to: Float.self),
          source.assumingMemoryBound(to: Float.self), share, bytes.count / 4)
      } else {
        target.copyMemory(from: source, byteCount: bytes.count)
      }
    }
  }

  /// Runs `body` while the store holds the average.
  public func inPlace<Result>(_ body: () throws -> Result) rethrows -> Result {
    exchange()
    defer { exchange() }
    return try body()
  }

  private func exchange() {
    store.updateParameters {
      sk_exchange(pool.handle, $0.baseAddress, parameters.baseAddress, parameters.count)
    }
    store.updateBuffers {
      // Whole cache lines, counters among them: only bits move.
      sk_exchange(
        pool.handle, $0.assumingMemoryBound(to: Float.self),
        buffers.assumingMemoryBound(to: Float.self), store.bufferBytes / 4)
    }
  }

  // MARK: Checkpoints

  /// The weights themselves, while the store holds the average.
  var weights: [TensorSource] {
    store.keys.map { key in
      let name = Self.prefix + key.name
      switch key {
      case .parameter(let parameter):
        return TensorSource(name: name, shape: parameter.filedShape) { [self] in
          parameter.gather(
            UnsafeBufferPointer(parameters), at: store.range(of: parameter).lowerBound)
        }
      case .buffer(let buffer):
        let place = buffers + store.byteOffset(of: buffer)
        guard buffer.type.dtype == .float32 else {
          return TensorSource(
            StoredTensor(name: name, shape: [], integers: [place.load(as: Int64.self)]))
        }
        return TensorSource(name: name, shape: buffer.type.shape) {
          let start = place.assumingMemoryBound(to: Float.self)
          return Array(UnsafeBufferPointer(start: start, count: buffer.type.shape.count))
        }
      }
    }
  }

  /// Takes what the store holds as the average, and the weights themselves from the checkpoint's `optimizer.safetensors`.
  func resume(_ path: String) throws {
    restart()
    let reader = try SafetensorsReader(path)
    let entries = Dictionary(reader.entries.map { ($0.name, $0) }) { first, _ in first }
    for key in store.keys {
      let name = Self.prefix + key.name
      let shape =
        switch key {
        case .parameter(let parameter): parameter.filedShape
        case .buffer(let buffer): buffer.type.shape
        }
      guard let entry = entries[name], entry.shape == shape else {
        throw Failure(
          .badData, path,
          "expected \(name) \(shape), found \(entries[name].map { "\($0.shape)" } ?? "none")",
          hint: "the checkpoint was written without training.ema_decay")
      }
      try ModelFile.load(key, from: entry, reader, into: store)
    }
  }
}
