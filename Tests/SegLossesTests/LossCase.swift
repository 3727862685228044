import SegCore
import SegEngine
import SegLosses
import Testing

/// A loss with its options and its definition: what every property test of `LossPropertyTests` is run on.
struct LossCase: Sendable, CustomTestStringConvertible {
  var name: String
  var loss: any SegmentationLoss
  var classWeights: [Double]?
  /// Pixels of each class over the training split.
  var classCounts: [Int]?
  /// The loss of `sample`, naive and in Double. What the loss holds constant in its gradient (weights, choices) is
  /// taken from `base`, which is `sample` itself except while slopes are measured.
  var definition: @Sendable (_ sample: LossSample, _ base: LossSample) -> Double
  /// A repository's reading in which ignored pixels take part; everything else leaves them out.
  var readsIgnored = false
  /// Whether pixels may be exchanged within an image without changing the loss (not where rows matter).
  var isSymmetric = true
  /// What all pixels ignored give; 0 everywhere but in readings where ignored pixels take part.
  var valueOfNothing = 0.0

  var testDescription: String { name }

  init(
    _ name: String, _ loss: any SegmentationLoss, classWeights: [Double]? = nil,
    classCounts: [Int]? = nil, readsIgnored: Bool = false, isSymmetric: Bool = true,
    valueOfNothing: Double = 0,
    _ definition: @escaping @Sendable (LossSample, LossSample) -> Double
  ) {
    self.name = name
    self.loss = loss
    self.classWeights = classWeights
    self.classCounts = classCounts
    self.readsIgnored = readsIgnored
    self.isSymmetric = isSymmetric
    self.valueOfNothing = valueOfNothing
    self.definition = definition
  }

  /// Class weights for any number of classes, the given ones first.
  func weights(_ classes: Int) -> [Double]? {
    classWeights.map { given in (0..<classes).map { given[$0 % given.count] } }
  }

  /// The same of the counts.
  func counts(_ classes: Int) -> [Int]? {
    classCounts.map { given in (0..<classes).map { given[$0 % given.count] } }
  }
}

/// Every loss in every reading; a new loss adds its cases in a file of its own and a line here.
let lossCases: [LossCase] =
  crossEntropyCases + focalCases + ldamCases + recallCases + precisionCases + ohemCases
  + lossMaxPoolingCases + diceCases + generalizedDiceCases + softIoUCases + tverskyCases
  + lovaszCases

/// Value and gradient by logits, as the engine computes them.
struct LossRun {
  var value: Double
  /// `[N, H, W, C]`
  var gradient: [Double]

  init(_ loss: LossCase, _ sample: LossSample, threads: Int = 2) throws {
    let graph = Graph()
    let grid: [Int] = [sample.images, sample.height, sample.width]
    let logits = graph.input("logits", TensorType(Shape(grid + [sample.classes])))
    let labels = graph.input("labels", TensorType(Shape(grid), .uint8))
    let context = LossContext(
      classes: sample.classes, ignoreIndex: sample.ignoreIndex,
      classWeights: loss.weights(sample.classes)?.map { Float($0) },
      classCounts: loss.counts(sample.classes))
    let value = try loss.loss.trace(logits: logits, labels: labels, context: context)
    let seed = graph.constant([1], [1])
    let gradient = try #require(try graph.differentiate([(value, seed)], alsoFor: [logits])[0])
    let store = ParameterStore()
    try store.reserve(gradients: false)
    let executor = try Executor(
      Plan(graph, keeping: [value, gradient]), store: store, pool: ThreadPool(threads: threads))
    _ = executor.input("logits").update(fromContentsOf: sample.logits.map { Float($0) })
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: sample.labels)
    executor.run(StepContext())
    self.value = Double(executor.contents(of: value)[0])
    self.gradient = executor.contents(of: gradient).map { Double($0) }
  }
}
