public import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels
import SegNN

/// Time of every loss and its gradient alone, in all readings: from a network's last logits, before they are resized to
/// the pictures' size, to the gradient there.
public struct LossBenchmark: Sendable {
  /// Passes of one kind.
  struct Times: Sendable {
    var seconds: [Double] = []
    /// Of all threads together: hardly changed by what else the machine does, with one thread.
    var processorSeconds: [Double] = []

    /// Runs `pass` twice before it counts.
    init(_ count: Int, _ pass: (_ index: Int) -> Void) {
      for index in 0..<count + Benchmark.warmUp {
        let (start, processor) = (Pace.now(), Pace.processorTime())
        pass(index)
        guard index >= Benchmark.warmUp else { continue }
        seconds.append(Pace.now() - start)
        processorSeconds.append(Pace.processorTime() - processor)
      }
    }

    /// Others on the machine only slow a pass down.
    var best: Double { seconds.min() ?? 0 }
    var bestProcessor: Double { processorSeconds.min() ?? 0 }
  }

  struct Row: Sendable {
    var name: String
    var variant: LossVariant
    var times: Times
    /// Of activations and workspace.
    var bytes: Int
  }

  let rows: [Row]
  /// Of whole training steps with the config's own loss.
  let step: Times
  let threads: Int
  let batchSize: Int
  /// Of the logits and of the pictures.
  let logits: Shape
  let shape: InputShape

  /// - Parameters:
  ///   - path: the run config; its loss is replaced by each loss in turn, with the defaults of its reading.
  ///   - count: measured passes, after two that are not.
  public init(path: String, overrides: [String], count: Int, threads: Int?) throws {
    let config = try RunConfig.load(path: path, overrides: overrides).config
    shape = try InputShape(config)
    batchSize = config.training.batchSize
    let stride = config.model.outputStride
    logits = [
      batchSize, (shape.height + stride - 1) / stride, (shape.width + stride - 1) / stride,
      shape.classes,
    ]
    self.threads = threads ?? config.engine.threads ?? Machine.cores
    let pool = ThreadPool(threads: self.threads)
    rows = try Self.readings(path, overrides).map { [logits, shape] config in
      try Self.measure(config, logits: logits, shape: shape, count: count, pool)
    }
    let training = try BenchmarkSubject(config, only: .train).prepare(pool)
    step = Times(count) { _ = training.take($0) { _, _ in } }
  }

  /// The config with each loss of the table in each of its readings.
  private static func readings(_ path: String, _ overrides: [String]) throws -> [RunConfig] {
    func load(_ term: JSONValue) throws -> RunConfig {
      let loss = JSONValue.fields(["terms": .array([term])])
      return try RunConfig.load(path: path, overrides: overrides + ["loss=\(loss.compact)"]).config
    }
    return try lossKinds.flatMap { kind in
      let loss = try load(.fields(["type": .string(kind.name)])).loss.terms[0].loss
      return try type(of: loss).explanation.readings.map { reading in
        try load(
          .fields(["type": .string(kind.name), "variant": .string(reading.variant.rawValue)]))
      }
    }
  }

  private static func measure(
    _ config: RunConfig, logits: Shape, shape: InputShape, count: Int, _ pool: ThreadPool
  ) throws -> Row {
    let network = Network(ModelOptions(config.model, classes: shape.classes))
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: 0, classes: shape.classes,
      ignoreIndex: config.data.ignoreIndex, classWeights: [nil], remembersIn: network)
    let graph = Graph(.training)
    let source = graph.input("logits", TensorType(logits))
    let labels = graph.input("labels", TensorType([logits[0], shape.height, shape.width], .uint8))
    let output = SegmentationOutput(
      logits: try source.resized(height: shape.height, width: shape.width, path: "classifier"))
    let loss = try builder.trace(output, labels: labels).total
    if config.engine.fusion { graph.rewrite(RewriteRules.training, keeping: [loss]) }
    let seed = try graph.emit(Fill(value: 1, shape: [1]), [], path: "loss")[0]
    let gradient = try graph.differentiate([(loss, seed)], alsoFor: [source])
    let plan = Plan(graph, keeping: [loss] + gradient.compactMap { $0 })
    try network.store.reserve(gradients: false)
    let executor = try Executor(plan, store: network.store, pool: pool)
    BenchmarkSubject.fill(executor.input("logits"))
    BenchmarkSubject.fill(executor.input("labels", as: UInt8.self), classes: shape.classes)
    let times = Times(count) { _ in executor.run(StepContext()) }
    let term = config.loss.terms[0]
    return Row(
      name: term.name, variant: term.loss.variant, times: times,
      bytes: plan.activationBytes + plan.workspaceBytes(workers: pool.threads))
  }
}

extension LossBenchmark {
  public var json: JSONValue {
    func list(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    return .fields([
      "losses": .array(
        rows.map { row in
          .fields([
            "type": .string(row.name), "variant": .string(row.variant.rawValue),
            "seconds": list(row.times.seconds),
            "processor_seconds": list(row.times.processorSeconds),
            "planned_bytes": .integer(row.bytes),
          ])
        }),
      "seconds_per_step": list(step.seconds),
      "processor_seconds_per_step": list(step.processorSeconds), "batch_size": .integer(batchSize),
      "threads": .integer(threads),
    ])
  }

  /// The fastest pass of each loss, a line each, and its share of the fastest step in processor time.
  public var text: String {
    var table = TextTable([
      .left("loss"), .left("variant"), .right("ms"), .right("processor ms"),
      .right("share of step"), .right("MB"),
    ])
    for row in rows {
      let share = row.times.bestProcessor / max(step.bestProcessor, 1e-9)
      table.add([
        row.name, row.variant.rawValue, fixed(1e3 * row.times.best, 1),
        fixed(1e3 * row.times.bestProcessor, 1), fixed(100 * share, 1) + " %",
        fixed(Double(row.bytes) / 1e6, 1),
      ])
    }
    return """
      Losses with their gradients, from logits \(logits) to labels of \(shape.width)x\(shape.height); \(threads) threads, fastest of \(step.seconds.count).
      A train step of this config takes \(fixed(1e3 * step.best, 1)) ms, \(fixed(1e3 * step.bestProcessor, 1)) ms of the processor.

      \(table.text)
      """
  }
}
