public import SegCore
public import SegEngine
import SegModels
import SegNN

/// A forward pass: logits at a wanted size, and the loss where labels are given.
public struct InferencePlan {
  /// What one plan is made for.
  public struct Key: Hashable, Sendable {
    public var batch, height, width: Int
    /// Size of the logits.
    public var outputHeight, outputWidth: Int
    public var scoresLoss: Bool

    public init(
      batch: Int, height: Int, width: Int, outputHeight: Int, outputWidth: Int, scoresLoss: Bool
    ) {
      self.batch = batch
      self.height = height
      self.width = width
      self.outputHeight = outputHeight
      self.outputWidth = outputWidth
      self.scoresLoss = scoresLoss
    }
  }

  public let plan: Plan
  /// `[N, outputHeight, outputWidth, classes]`.
  public let logits: Tensor
  /// The configured loss on these logits; `nil` without labels.
  public let loss: Tensor?

  /// - Parameters:
  ///   - builder: the loss to compute where `key.scoresLoss`.
  ///   - engine: how it is computed.
  public init(
    _ network: Network, _ key: Key, loss builder: LossBuilder?,
    engine: EngineConfig = EngineConfig()
  ) throws(ShapeError) {
    let graph = Graph(.inference, convolution: engine.convolution.policy)
    let image = graph.input("image", TensorType([key.batch, key.height, key.width, 3]))
    var output = try network.model(image)
    output.logits = try output.logits.resized(
      height: key.outputHeight, width: key.outputWidth, path: "output")
    logits = output.logits
    if let builder, key.scoresLoss {
      let labels = graph.input(
        "labels", TensorType([key.batch, key.outputHeight, key.outputWidth], .uint8))
      loss = try builder.trace(output, labels: labels).total
    } else {
      loss = nil
    }
    let kept = [logits] + (loss.map { [$0] } ?? [])
    if engine.fusion { graph.rewrite(RewriteRules.inference, keeping: kept) }
    plan = Plan(graph, keeping: kept)
  }
}

/// Runs forward passes of changing sizes, keeping the plans of the last few sizes.
public final class InferenceRunner {
  /// Plans kept where nothing else is said; they share the memory of a step, but each has prepared weights of its own.
  public static let capacity = 3

  private let capacity: Int

  private let network: Network
  private let loss: LossBuilder?
  private let engine: EngineConfig
  let pool: ThreadPool
  private let memory: StepMemory
  private var entries: [(key: InferencePlan.Key, plan: InferencePlan, executor: Executor)] = []

  /// - Parameters:
  ///   - loss: what plans with labels compute.
  ///   - engine: how it is computed.
  ///   - memory: also of others that do not run at the same time, such as training.
  ///   - capacity: plans kept.
  public init(
    _ network: Network, loss: LossBuilder? = nil, engine: EngineConfig = EngineConfig(),
    pool: ThreadPool, memory: StepMemory = StepMemory(), capacity: Int = InferenceRunner.capacity
  ) {
    self.capacity = capacity
    self.network = network
    self.loss = loss
    self.engine = engine
    self.pool = pool
    self.memory = memory
  }

  public struct Result {
    /// Valid until the memory is used again.
    public var logits: UnsafeMutableBufferPointer<Float>
    public var loss: Double?
  }

  /// - Parameters:
  ///   - images: `[N, H, W, 3]`, normalised.
  ///   - labels: `[N, outputHeight, outputWidth]` where the key asks for the loss.
  public func run(
    _ key: InferencePlan.Key, images: UnsafeBufferPointer<Float>, labels: [UInt8]? = nil
  ) throws -> Result {
    let entry = try prepare(key)
    _ = entry.executor.input("image").update(fromContentsOf: images)
    if let labels, entry.plan.loss != nil {
      _ = entry.executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    }
    entry.executor.run(StepContext())
    return Result(
      logits: entry.executor.contents(of: entry.plan.logits),
      loss: entry.plan.loss.map { Double(entry.executor.contents(of: $0)[0]) })
  }

  private func prepare(
    _ key: InferencePlan.Key
  ) throws -> (key: InferencePlan.Key, plan: InferencePlan, executor: Executor) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries.append(entries.remove(at: index))
    } else {
      // Freed before the next is reserved, so that the peak is that of the plans kept.
      if entries.count == capacity { entries.removeFirst() }
      let plan = try InferencePlan(network, key, loss: loss, engine: engine)
      let executor = try Executor(
        plan.plan, store: network.store, pool: pool, memory: memory)
      entries.append((key, plan, executor))
    }
    return entries[entries.count - 1]
  }
}
