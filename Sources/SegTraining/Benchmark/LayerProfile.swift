import SegCore
import SegEngine
import SegOptim

/// Where the time of a training step goes: convolutions layer by layer, all else by operation.
public struct LayerProfile: Sendable {
  /// One pass of a convolution, or of several together.
  struct Pass: Sendable {
    var seconds = 0.0
    var multiplyAdds = 0
    var algorithm: String?

    /// As a direct convolution counts them; a fast algorithm can exceed what the machine has.
    var gflops: Double { 2e-9 * Double(multiplyAdds) / seconds }

    mutating func add(_ other: Pass) {
      seconds += other.seconds
      multiplyAdds += other.multiplyAdds
    }
  }

  enum PassName: String, CaseIterable {
    case forward
    case inputGradient = "input_gradient"
    case weightGradient = "weight_gradient"
  }

  /// A convolution layer, or all of one kind.
  struct Row: Sendable {
    var name: String
    var kind: String
    var layers = 1
    var passes: [PassName: Pass] = [:]
  }

  /// All operations of one name that are no convolutions.
  struct Group: Sendable {
    var name: String
    var calls = 0
    var seconds = 0.0
    var bytesMoved = 0

    /// Inputs read and outputs written once, by time: what a pass over memory reaches.
    var gigabytesPerSecond: Double { 1e-9 * Double(bytesMoved) / seconds }
  }

  let layers: [Row]
  let groups: [Group]
  let ceilings: Ceilings
  let threads: Int
  let batchSize: Int

  /// - Parameter count: measured steps, after two that are not; of each operation the median counts.
  public init(_ subject: BenchmarkSubject, count: Int, threads: Int) throws {
    self.threads = threads
    batchSize = subject.batchSize
    let pool = ThreadPool(threads: threads)
    let operations = subject.plan.operations
    var seconds = [[Double]](repeating: [], count: operations.count)
    var optimizer: [Double] = []
    let step = try subject.prepare(pool)
    for index in 0..<count + Benchmark.warmUp {
      let isMeasured = index >= Benchmark.warmUp
      let update = step.take(index) { operation, time in
        if isMeasured { seconds[operation].append(time) }
      }
      if isMeasured { optimizer.append(update) }
    }
    ceilings = Ceilings(pool)
    let timed = zip(operations, seconds.map(Benchmark.median)).map { ($0, $1) }
    layers = Self.layers(timed)
    var update = Group(name: "optimizer", calls: 1, seconds: Benchmark.median(optimizer))
    // Parameter and states are read and written, the gradient is read.
    update.bytesMoved =
      (3 + 2 * subject.optimizer.stateNames.count) * MemoryLayout<Float>.size
      * subject.trainable.reduce(0) { $0 + $1.filedShape.count }
    groups =
      (Self.groups(timed, outside: Set(layers.map(\.name))) + [update])
      .sorted { $0.seconds > $1.seconds }
  }

  /// Layers with multiply-adds, in forward order; their gradients bear the same path.
  private static func layers(_ timed: [(Plan.Operation, seconds: Double)]) -> [Row] {
    var rows: [Row] = []
    var position: [String: Int] = [:]
    for (operation, _) in timed where operation.multiplyAdds > 0 && !operation.isGradient {
      guard position[operation.path] == nil else { continue }
      position[operation.path] = rows.count
      rows.append(Row(name: operation.path, kind: operation.kind ?? operation.name))
    }
    var forward: [String: Int] = [:]
    for (operation, seconds) in timed {
      guard let index = position[operation.path], let name = pass(of: operation) else { continue }
      if operation.multiplyAdds > 0, !operation.isGradient {
        forward[operation.path] = operation.multiplyAdds
      }
      rows[index].passes[name, default: Pass()].add(
        Pass(seconds: seconds, multiplyAdds: forward[operation.path] ?? 0))
      rows[index].passes[name]?.algorithm = operation.algorithm
    }
    return rows
  }

  /// `nil` for what is no pass of a convolution, e.g. the sums of a bias's gradient.
  private static func pass(of operation: Plan.Operation) -> PassName? {
    if operation.name.hasSuffix("input_gradient") { return .inputGradient }
    if operation.name.hasSuffix("weight_gradient") { return .weightGradient }
    return operation.multiplyAdds > 0 ? .forward : nil
  }

  private static func groups(
    _ timed: [(Plan.Operation, seconds: Double)], outside layers: Set<String>
  ) -> [Group] {
    var groups: [String: Group] = [:]
    for (operation, seconds) in timed {
      if layers.contains(operation.path), pass(of: operation) != nil { continue }
      groups[operation.name, default: Group(name: operation.name)].calls += 1
      groups[operation.name]?.seconds += seconds
      groups[operation.name]?.bytesMoved += operation.bytesMoved
    }
    return groups.values.sorted { $0.name < $1.name }
  }

  /// The layers of each kind together, the slowest kind first.
  var kinds: [Row] {
    var kinds: [String: Row] = [:]
    for layer in layers {
      var row = kinds[layer.kind] ?? Row(name: layer.kind, kind: layer.kind, layers: 0)
      row.layers += 1
      for (name, pass) in layer.passes { row.passes[name, default: Pass()].add(pass) }
      kinds[layer.kind] = row
    }
    return kinds.values.sorted { ($1.total.seconds, $0.name) < ($0.total.seconds, $1.name) }
  }
}

extension LayerProfile.Row {
  /// All passes together.
  var total: LayerProfile.Pass {
    passes.values.reduce(into: LayerProfile.Pass()) { $0.add($1) }
  }
}
