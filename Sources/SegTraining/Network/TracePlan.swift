public import SegCore
public import SegEngine
import SegModels

/// A second look at a training step: its forward pass and the gradient of its loss on the logits alone, summed by class.
///
/// It computes the step's own logits (statistics of the batch, the same dropout) and changes nothing, so training is the
/// same bits with it and without. A plan of its own keeps the training plan free of logits at the input's size, which
/// its fused losses never store.
public struct TracePlan {
  public let plan: Plan
  /// `float64[C, 4]`, see `ClassTrace`.
  public let sums: Tensor
  /// `float64[C + 1]`, see `ClassGradientMass`.
  public let mass: Tensor

  /// Parameters as for `TrainingPlan`.
  public init(
    _ network: Network, loss builder: LossBuilder, batch: Int, height: Int, width: Int,
    fixedStatistics: [Parameter], ignoreIndex: Int, gamma: Double,
    engine: EngineConfig = EngineConfig()
  ) throws(ShapeError) {
    let mode = Mode.training(fixingStatisticsOf: fixedStatistics).observing
    let graph = Graph(mode, convolution: engine.convolution.policy)
    let image = graph.input("image", TensorType([batch, height, width, 3]))
    let labels = graph.input("labels", TensorType([batch, height, width], .uint8))
    let output = try network.model(image)
    let traced = try builder.trace(output, labels: labels)
    sums = try graph.emit(
      ClassTrace(ignoreIndex: ignoreIndex, gamma: gamma), [output.logits, labels], path: "trace")[0]
    let seen = [output.logits, traced.total, sums]
    // Read here too, the logits are stored and no loss is fused with their resize.
    if engine.fusion { graph.rewrite(RewriteRules.training, keeping: seen) }
    let gradient = try graph.differentiate(
      [(traced.total, graph.constant([1], [1]))], alsoFor: [output.logits])[0]
    let zeros = [Float](repeating: 0, count: gradient == nil ? output.logits.shape.count : 0)
    mass = try graph.emit(
      ClassGradientMass(ignoreIndex: ignoreIndex),
      [gradient ?? graph.constant(zeros, output.logits.shape), labels], path: "trace")[0]
    plan = Plan(graph, keeping: [sums, mass])
  }
}
