import SegCore
import SegEngine
import SegTestSupport

/// A graph of random operations on small pictures, with gradients, as plans meet them: skips, joins, chains,
/// normalisation, dropout.
struct RandomGraph {
  let graph = Graph()
  let store = ParameterStore()
  private(set) var kept: [Tensor] = []
  private let image: Tensor
  private var values: [Tensor]
  private var rng: CounterRNG
  private var buffers: [Buffer] = []

  static let (batch, side) = (2, 4)

  init(_ seed: Int, operations: Int = 20, side: Int = Self.side) throws {
    rng = CounterRNG(seed: 40, stream: UInt64(seed))
    image = graph.input("image", TensorType([Self.batch, side, side, 3]))
    values = [image]
    for index in 0..<operations { values.append(try emit(index)) }
    let sum = try emitSum()
    if seed % 2 == 1 { graph.rewrite(RewriteRules.training, keeping: [sum]) }
    let upstream = graph.input("upstream", sum.type)
    let gradients = try graph.differentiate([(sum, upstream)], alsoFor: [image] + weights)
    kept = [sum] + gradients.compactMap { $0 }
  }

  private var weights: [Tensor] = []

  private mutating func pick() -> Tensor {
    // Mostly recent ones, so that chains grow and some values live long.
    let reach = rng.uniform() < 0.7 ? min(3, values.count) : values.count
    return values[values.count - 1 - rng.integer(in: 0..<reach)]
  }

  private mutating func emit(_ index: Int) throws -> Tensor {
    let x = pick()
    let path = "layer\(index)"
    switch rng.integer(in: 0..<10) {
    case 0: return try graph.emit(ReLU(), [x], path: path)[0]
    case 1:
      return try graph.emit(Dropout(probability: 0.3, stream: UInt64(index)), [x], path: path)[0]
    case 2: return try graph.emit(Softmax(), [x], path: path)[0]
    case 3:
      guard let y = values.last(where: { $0.type == x.type && $0.value != x.value }) else {
        return try graph.emit(ReLU(), [x], path: path)[0]
      }
      if rng.uniform() < 0.3 { return try graph.emit(AddReLU(), [x, y], path: path)[0] }
      return try graph.emit(Add(), [x, y], path: path)[0]
    case 4:
      guard let y = values.last(where: { $0.shape[1] == x.shape[1] && $0.shape[3] < 12 }),
        x.shape[3] < 12
      else { return try graph.emit(ReLU(), [x], path: path)[0] }
      return try graph.emit(Concatenate(), [x, y], path: path)[0]
    case 5:
      let (height, width) = (x.shape[1], x.shape[2])
      let pooled = try graph.emit(GlobalAveragePool(), [x], path: path)[0]
      let resize = ResizeBilinear(height: height, width: width, alignCorners: false)
      return try graph.emit(resize, [pooled], path: path)[0]
    case 6: return try graph.emit(MaxPool(kernel: 3, stride: 1, padding: 1), [x], path: path)[0]
    case 7: return try normalized(x, path: path)
    case 8: return try residualBlock(x, path: path)
    default: return try convolution(x, channels: 2 + rng.integer(in: 0..<5), path: path)
    }
  }

  private mutating func convolution(_ x: Tensor, channels: Int, path: String) throws -> Tensor {
    let weight = graph.input("weight\(weights.count)", TensorType([3, 3, x.shape[3], channels]))
    weights.append(weight)
    return try graph.emit(Conv2D(padding: 1), [x, weight], path: path)[0]
  }

  /// The rectified sum of a normalisation and a residual, read by two convolutions.
  private mutating func residualBlock(_ x: Tensor, path: String) throws -> Tensor {
    let sum = try graph.emit(
      Add(), [normalisation(x, path: path), graph.emit(Copy(), [x], path: path)[0]], path: path)
    let y = try graph.emit(ReLU(), sum, path: path)[0]
    let channels = 2 + rng.integer(in: 0..<5)
    let branches = [
      try convolution(y, channels: channels, path: path + ".0"),
      try convolution(y, channels: channels, path: path + ".1"),
    ]
    return try graph.emit(Add(), branches, path: path)[0]
  }

  private mutating func normalized(_ x: Tensor, path: String) throws -> Tensor {
    let y = try normalisation(x, path: path)
    let residual = rng.uniform() < 0.5 ? try graph.emit(Copy(), [x], path: path)[0] : x
    let sum = rng.uniform() < 0.5 ? try graph.emit(Add(), [y, residual], path: path)[0] : y
    return rng.uniform() < 0.5 ? try graph.emit(ReLU(), [sum], path: path)[0] : sum
  }

  private mutating func normalisation(_ x: Tensor, path: String) throws -> Tensor {
    let perChannel = TensorType([x.shape[3]])
    let moments = try graph.emit(BatchNormStatistics(), [x], path: path)
    let running = [
      store.declareBuffer("\(path).mean", perChannel),
      store.declareBuffer("\(path).variance", perChannel),
      store.declareBuffer("\(path).count", TensorType([], .int64)),
    ]
    buffers += running
    try graph.emit(
      UpdateRunningStatistics(count: x.shape.count / x.shape[3]),
      [moments[0], moments[1]] + running.map { graph.buffer($0) }, path: path)
    let affine = (0..<2).map { _ in
      graph.constant((0..<x.shape[3]).map { _ in Float(rng.uniform(0.5, 1.5)) }, perChannel.shape)
    }
    let inputs = [x, moments[0], moments[2]] + affine
    return try graph.emit(BatchNormApply(usesBatchStatistics: true), inputs, path: path)[0]
  }

  /// All values nobody has read, brought together.
  private mutating func emitSum() throws -> Tensor {
    let last = values.suffix(3)
    let joined = try graph.emit(Concatenate(), Array(last), path: "sum")[0]
    return try graph.emit(GlobalAveragePool(), [joined], path: "sum")[0]
  }

  /// Bits of everything kept and of the running statistics after two steps, in memory full of NaN before each.
  func run(_ plan: Plan, threads: Int = 1) throws -> [[UInt32]] {
    try store.reserve(gradients: false)
    for buffer in buffers {
      if buffer.type.dtype == .int64 {
        store.setCounter(buffer, to: 0)
      } else {
        store.set(buffer, to: [Float](repeating: 0.5, count: buffer.type.shape.count))
      }
    }
    let executor = try Executor(plan, store: store, pool: ThreadPool(threads: threads))
    var bits: [[UInt32]] = []
    for step in 0..<2 {
      for (index, name) in plan.inputNames.map(\.name).enumerated() {
        let target = executor.input(name)
        _ = target.update(
          fromContentsOf: OpRun.floats(target.count, seed: UInt64(10 * step + index)))
      }
      executor.poison(byte: 0xFF)
      var context = StepContext()
      context.step = UInt64(step)
      executor.run(context)
      if plan.placement == .separate, !executor.guardsIntact(byte: 0xFF) { return [] }
      bits += kept.map { executor.contents(of: $0).map(\.bitPattern) }
    }
    for buffer in buffers {
      bits.append(
        buffer.type.dtype == .int64
          ? [UInt32(store.counter(buffer))] : store.values(of: buffer).map(\.bitPattern))
    }
    return bits
  }
}
