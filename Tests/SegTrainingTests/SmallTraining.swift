import Glibc
import SegCore
import SegEngine
import SegLosses
import SegModels
import SegNN
import SegOptim
import SegTestSupport
import SegTraining

/// A whole DeepLabV3-ResNet18 with auxiliary head and dropout, training on two small made-up scenes.
struct SmallTraining {
  static let (batch, height, width) = (2, 33, 49)

  let network: Network
  let training: TrainingPlan
  let executor: Executor
  let optimizer: OptimizerRunner

  var store: ParameterStore { network.store }

  init(
    _ loss: any SegmentationLoss = CrossEntropy(), sum: LossConfig? = nil,
    architecture: Architecture = .deepLabV3, threads: Int = 2,
    engine: EngineConfig = EngineConfig(), placement: Placement = .shared,
    trainOnly: [String]? = nil,
    optimizer method: any Optimizer = SGD(momentum: 0.9, weightDecay: 1e-4)
  ) throws {
    network = Self.network(architecture)
    let trainable = try network.parameters(under: trainOnly)
    training = try Self.plan(
      network, loss, sum: sum, trainable: trainable, engine: engine, placement: placement)
    try network.store.reserve(gradients: true)
    let pool = ThreadPool(threads: threads)
    executor = try Executor(training.plan, store: network.store, pool: pool)
    optimizer = try OptimizerRunner(
      method, store: network.store, trainable: trainable, headFactor: 10, pool: pool)
    if architecture.name == Architecture.deepLabV3.name {
      network.store.updateParameters { _ = $0.update(fromContentsOf: Self.weights) }
    } else {
      network.declarations.initialize(seed: 3)
    }
    for buffer in network.store.buffers where buffer.name.hasSuffix("running_var") {
      network.store.set(buffer, to: [Float](repeating: 1, count: buffer.type.shape.count))
    }
  }

  static func network(_ architecture: Architecture = .deepLabV3) -> Network {
    Network(
      ModelOptions(
        architecture: architecture, classes: GoldenFormula.classes, hasAuxiliaryHead: true))
  }

  static func plan(
    _ network: Network, _ loss: any SegmentationLoss = CrossEntropy(), sum: LossConfig? = nil,
    trainable: [Parameter],
    engine: EngineConfig = EngineConfig(), placement: Placement = .shared, batch: Int = Self.batch,
    height: Int = Self.height,
    width: Int = Self.width
  ) throws -> TrainingPlan {
    let config = sum ?? LossConfig(terms: [LossTermConfig(loss)])
    let builder = LossBuilder(
      config, auxiliaryWeight: 0.5,
      classes: network.options.classes, ignoreIndex: GoldenFormula.ignoreIndex,
      classWeights: config.terms.map { _ in nil })
    return try TrainingPlan(
      network, loss: builder, batch: batch, height: height, width: width, trainable: trainable,
      fixedStatistics: [], engine: engine, placement: placement)
  }

  /// Starting weights of every instance, drawn once.
  private static let weights: [Float] = {
    let start = network()
    do { try start.store.reserve(gradients: false) } catch { preconditionFailure("\(error)") }
    start.declarations.initialize(seed: 3)
    return Array(start.store.flatParameters)
  }()

  private static let batches = (0..<3).map {
    GoldenBatch(first: batch * $0, count: batch, height: height, width: width)
  }
  private static let images = batches.map(\.imagesChannelsLast)

  /// Puts the pictures of step `index` (0, 1 or 2) into place.
  func fill(_ index: Int) {
    _ = executor.input("image").update(fromContentsOf: Self.images[index])
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: Self.batches[index].labels)
  }

  /// The loss of one step; gradients are in the store.
  @discardableResult func run(
    _ index: Int, accumulating: Bool = false, at time: TrainingTime = .end
  ) -> Float {
    fill(index)
    var context = StepContext()
    context.seed = 5
    context.step = UInt64(index)
    context.time = time
    context.accumulateGradients = accumulating
    executor.run(context)
    return executor.contents(of: training.loss)[0]
  }

  func update(_ index: Int) { optimizer.update(step: index, learningRate: 0.01) }

  // MARK: Comparing bit by bit

  /// What differs from `other` first, by name; `nil` where all bits are equal.
  func difference(from other: SmallTraining) -> String? {
    let (mine, theirs) = (
      executor.contents(of: training.loss)[0], other.executor.contents(of: other.training.loss)[0]
    )
    if mine.bitPattern != theirs.bitPattern { return "loss: \(mine), expected \(theirs)" }
    for parameter in store.parameters {
      let range = store.range(of: parameter)
      let blocks = [
        (
          "gradient of ", UnsafeBufferPointer(store.flatGradients),
          UnsafeBufferPointer(other.store.flatGradients)
        ),
        ("", store.flatParameters, other.store.flatParameters),
      ]
      for (what, mine, theirs) in blocks where !Self.areEqual(mine, theirs, range) {
        return what + parameter.name
      }
    }
    for buffer in store.buffers {
      if !store.bytes(of: buffer).elementsEqual(other.store.bytes(of: buffer)) {
        return buffer.name
      }
    }
    return nil
  }

  /// How far loss and gradients are from those of `other`: the largest difference as a share of the largest
  /// entry of the same tensor.
  func distance(from other: SmallTraining) -> Float {
    func share(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
      let largest = b.map { abs($0) }.max() ?? 0
      return zip(a, b).map { $0 == $1 ? 0 : abs($0 - $1) / largest }.max() ?? 0
    }
    let gradients = store.parameters.map { parameter in
      let range = store.range(of: parameter)
      return share(store.flatGradients[range], other.store.flatGradients[range])
    }
    let loss = share(
      executor.contents(of: training.loss), other.executor.contents(of: other.training.loss))
    return ([loss] + gradients).max() ?? .infinity
  }

  private static func areEqual(
    _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ range: Range<Int>
  ) -> Bool {
    guard let first = a.baseAddress, let second = b.baseAddress else { return false }
    let start = range.lowerBound
    return memcmp(first + start, second + start, range.count * MemoryLayout<Float>.size) == 0
  }
}
