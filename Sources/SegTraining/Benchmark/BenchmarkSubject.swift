import SegCore
import SegData
import SegEngine
import SegLosses
public import SegModels
import SegNN
import SegOptim

/// What a benchmark times: a configured network or a bare stack of blocks, planned and not yet given memory.
public struct BenchmarkSubject {
  let declarations: Declarations
  let plan: Plan
  let trainable: [Parameter]
  let optimizer: any Optimizer
  let headFactor: Double
  let batchSize: Int
  let seed: Int
  /// For forward passes alone; a stack has none.
  let network: Network?
  /// Of the labels; 0 where there are none.
  let classes: Int
  /// Whether `plan` is a training step.
  let learns: Bool
  let engine: EngineConfig
  /// One image.
  let key: InferencePlan.Key

  var store: ParameterStore { declarations.store }

  /// `config`'s network at the size it trains at: its training step, or for inference alone the pass over one image.
  ///
  /// - Throws: `Failure(.badConfig)` when the network does not take such batches.
  public init(_ config: RunConfig, only: BenchmarkPass? = nil) throws {
    let shape = try InputShape(config)
    let network = Network(ModelOptions(config.model, classes: shape.classes))
    trainable = try network.parameters(under: config.model.trainOnly)
    key = InferencePlan.Key(
      batch: 1, height: shape.height, width: shape.width, outputHeight: shape.height,
      outputWidth: shape.width, scoresLoss: false)
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: shape.classes,
      ignoreIndex: config.data.ignoreIndex,
      classWeights: config.loss.terms.map { _ in nil },
      remembersIn: network)
    do throws(ShapeError) {
      plan =
        only == .inference
        ? try InferencePlan(network, key, loss: nil, engine: config.engine).plan
        : try TrainingPlan(
          network, loss: builder, batch: config.training.batchSize, height: shape.height,
          width: shape.width, trainable: trainable, fixedStatistics: [],
          engine: config.engine
        ).plan
    } catch {
      throw error.failure(batch: config.training.batchSize, shape)
    }
    learns = only != .inference
    declarations = network.declarations
    optimizer = config.optimizer.makeOptimizer()
    headFactor = config.optimizer.headLRFactor
    batchSize = config.training.batchSize
    seed = config.seed
    self.network = network
    classes = shape.classes
    engine = config.engine
  }

  /// Stages 3 and 4 of `backbone` at output stride 8 on `[2, 60, 60, 512]`, i.e. on pictures of 480 by 480, trained by
  /// Adam. The gradient that comes back from where a head would be is a fixed random one, so that no loss takes part.
  public init(stack backbone: Backbone, engine: EngineConfig = EngineConfig()) throws {
    let declarations = Declarations()
    let stack = BottleneckStack(Scope(declarations), backbone)
    let side = 60
    batchSize = 2
    let graph = Graph(.training, convolution: engine.convolution.policy)
    let image = graph.input(
      "image", TensorType([batchSize, side, side, BottleneckStack.inputChannels]))
    let features = try stack(image)
    let gradient = graph.input("gradient", features.type)
    trainable = declarations.store.parameters
    if engine.fusion { graph.rewrite(RewriteRules.training, keeping: [features]) }
    try graph.differentiate([(features, gradient)], parameters: trainable)
    plan = Plan(graph, keeping: [features], recompute: engine.recompute)
    self.declarations = declarations
    optimizer = Adam()
    headFactor = 1
    seed = 0
    network = nil
    classes = 0
    learns = true
    self.engine = engine
    key = InferencePlan.Key(
      batch: 1, height: side, width: side, outputHeight: side, outputWidth: side,
      scoresLoss: false)
  }

  /// Peak memory of what is planned.
  func memory(workers: Int) -> MemoryPlan {
    guard learns else { return .inference(store, plan: plan, workers: workers) }
    return .training(
      store, optimizerStates: optimizer.stateNames.count, plan: plan, workers: workers,
      aheadBytes: 0)
  }

  /// Gives the training step its memory, random weights and random inputs.
  func prepare(_ pool: ThreadPool) throws -> BenchmarkStep {
    try memory(workers: pool.threads).check(hint: "use a smaller batch_size or crop_size")
    try store.reserve(gradients: true)
    declarations.initialize(seed: UInt64(seed), pool: pool)
    let executor = try Executor(plan, store: store, pool: pool)
    for name in ["image", "gradient"] where executor.hasInput(name) {
      Self.fill(executor.input(name))
    }
    if executor.hasInput("labels") {
      Self.fill(executor.input("labels", as: UInt8.self), classes: classes)
    }
    let runner = try OptimizerRunner(
      optimizer, store: store, trainable: trainable, headFactor: headFactor, pool: pool)
    return BenchmarkStep(executor: executor, optimizer: runner)
  }

  static func fill(_ values: UnsafeMutableBufferPointer<Float>) {
    var rng = CounterRNG(seed: 2, stream: 0)
    for index in values.indices { values[index] = Float(rng.uniform(-2, 2)) }
  }

  static func fill(_ labels: UnsafeMutableBufferPointer<UInt8>, classes: Int) {
    var rng = CounterRNG(seed: 3, stream: 0)
    for index in labels.indices { labels[index] = UInt8(rng.integer(in: 0..<classes)) }
  }
}

/// A training step that can be taken again and again.
struct BenchmarkStep {
  let executor: Executor
  let optimizer: OptimizerRunner

  /// Takes step `index`, counted from 0; returns the seconds of the optimiser.
  ///
  /// - Parameter timing: called after each operation of the plan.
  func take(_ index: Int, timing: (_ operation: Int, _ seconds: Double) -> Void) -> Double {
    executor.run(StepContext(), timing: timing)
    let start = Pace.now()
    // So small that nothing can diverge.
    optimizer.update(step: index, learningRate: 1e-6)
    return Pace.now() - start
  }
}
