public import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegOptim

/// Times training steps and forward passes of a configured network on random data.
public struct Benchmark: Sendable {
  public struct Step: Sendable {
    public var forward, backward, optimizer: Double

    public var total: Double { forward + backward + optimizer }
  }

  public private(set) var steps: [Step] = []
  /// Seconds of one forward pass of one image.
  public private(set) var inference: [Double] = []
  public private(set) var trainingMemory = MemoryPlan()
  public private(set) var inferenceMemory = MemoryPlan()
  public private(set) var parameters = 0
  public private(set) var threads: Int
  public private(set) var batchSize: Int
  public private(set) var trainingPeakBytes = 0
  public private(set) var inferencePeakBytes = 0

  /// - Parameters:
  ///   - classes: output channels.
  ///   - size: of the images, height and width.
  ///   - count: measured steps, after two that are not.
  public init(
    _ config: RunConfig, classes: Int, height: Int, width: Int, count: Int, threads: Int? = nil
  ) throws {
    self.threads = threads ?? config.engine.threads ?? Machine.cores
    batchSize = config.training.batchSize
    let pool = ThreadPool(threads: self.threads)
    try measureTraining(config, classes: classes, height, width, pool, count)
    trainingPeakBytes = MemoryPlan.peakResidentBytes()
    MemoryPlan.forgetPeak()
    try measureInference(config, classes: classes, height, width, pool, count)
    inferencePeakBytes = MemoryPlan.peakResidentBytes()
  }

  private mutating func measureTraining(
    _ config: RunConfig, classes: Int, _ height: Int, _ width: Int, _ pool: ThreadPool, _ count: Int
  ) throws {
    let network = Network(ModelOptions(config.model, classes: classes))
    parameters = network.store.parameterCount
    let trainable = try network.parameters(under: config.model.trainOnly)
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: classes,
      ignoreIndex: config.data.ignoreIndex,
      classWeights: config.loss.terms.map { _ in nil })
    let plan = try TrainingPlan(
      network, loss: builder, batch: batchSize, height: height, width: width, trainable: trainable,
      fixedStatistics: [], recompute: config.engine.recompute)
    let method = config.optimizer.makeOptimizer()
    trainingMemory = .training(
      network.store, optimizerStates: method.stateNames.count, plan: plan.plan, workers: threads,
      aheadBytes: 0)
    try trainingMemory.check(hint: "use a smaller batch_size or crop_size")
    try network.store.reserve(gradients: true)
    network.declarations.initialize(seed: UInt64(config.seed))
    let optimizer = try OptimizerRunner(
      method, store: network.store, trainable: trainable,
      headFactor: config.optimizer.headLRFactor, pool: pool)
    let executor = try Executor(plan.plan, store: network.store, pool: pool)
    fill(executor.input("image"))
    var rng = CounterRNG(seed: 3, stream: 0)
    let labels = executor.input("labels", as: UInt8.self)
    for index in labels.indices { labels[index] = UInt8(rng.integer(in: 0..<classes)) }
    let isGradient = plan.plan.gradientSteps
    for step in 0..<count + 2 {
      var measured = Step(forward: 0, backward: 0, optimizer: 0)
      executor.run(StepContext()) { index, seconds in
        if isGradient[index] { measured.backward += seconds } else { measured.forward += seconds }
      }
      let start = Pace.now()
      optimizer.update(step: step, learningRate: 1e-6)
      measured.optimizer = Pace.now() - start
      if step >= 2 { steps.append(measured) }
    }
  }

  /// One image a pass, in a network of its own without gradients.
  private mutating func measureInference(
    _ config: RunConfig, classes: Int, _ height: Int, _ width: Int, _ pool: ThreadPool, _ count: Int
  ) throws {
    let network = Network(ModelOptions(config.model, classes: classes))
    try network.store.reserve(gradients: false)
    network.declarations.initialize(seed: UInt64(config.seed))
    let runner = InferenceRunner(network, pool: pool)
    let key = InferencePlan.Key(
      batch: 1, height: height, width: width, outputHeight: height, outputWidth: width,
      scoresLoss: false)
    inferenceMemory = .inference(
      network.store, plan: try InferencePlan(network, key, loss: nil).plan, workers: threads)
    var image = [Float](repeating: 0, count: 3 * height * width)
    image.withUnsafeMutableBufferPointer { fill($0) }
    for step in 0..<count + 2 {
      let start = Pace.now()
      try image.withUnsafeBufferPointer { _ = try runner.run(key, images: $0) }
      if step >= 2 { inference.append(Pace.now() - start) }
    }
  }

  private func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    var rng = CounterRNG(seed: 2, stream: 0)
    for index in values.indices { values[index] = Float(rng.uniform(-2, 2)) }
  }

  /// Images a second in training, by the median step.
  public var imagesPerSecond: Double { Double(batchSize) / Self.median(steps.map(\.total)) }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  public var json: JSONValue {
    func list(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    return .fields([
      "train": .fields([
        "seconds_per_step": list(steps.map(\.total)), "forward": list(steps.map(\.forward)),
        "backward": list(steps.map(\.backward)), "optimizer": list(steps.map(\.optimizer)),
        "images_per_second": .number(imagesPerSecond),
        "peak_rss_bytes": .integer(trainingPeakBytes),
      ]),
      "inference": .fields([
        "seconds_per_image": list(inference),
        "peak_rss_bytes": .integer(inferencePeakBytes), "planned_bytes": inferenceMemory.json,
      ]),
      "planned_bytes": trainingMemory.json,
      "parameters": .integer(parameters), "threads": .integer(threads),
    ])
  }

  /// Medians, one a line.
  public var text: String {
    func milliseconds(_ values: [Double]) -> String { fixed(1000 * Self.median(values), 1) + " ms" }
    return """
      train step (batch \(batchSize), \(threads) threads): \(milliseconds(steps.map(\.total))), \(fixed(imagesPerSecond, 2)) images/s
        forward \(milliseconds(steps.map(\.forward))), backward \(milliseconds(steps.map(\.backward))), optimizer \(milliseconds(steps.map(\.optimizer)))
        peak memory \(MemoryPlan.readable(trainingPeakBytes)), \(trainingMemory.text)
      inference (one image): \(milliseconds(inference))
        peak memory \(MemoryPlan.readable(inferencePeakBytes)), \(inferenceMemory.text)
      """
  }
}
