public import SegCore
public import SegEngine
import SegModels

/// The plan of one training step and the tensors a trainer reads from it.
public struct TrainingPlan {
  public let plan: Plan
  public let loss: Tensor
  public let terms: [Tensor]

  /// Traces network and loss, rewrites, differentiates and plans.
  ///
  /// - Parameters:
  ///   - trainable: the parameters that learn.
  ///   - fixedStatistics: parameters whose normalisation layers keep their running statistics.
  ///   - engine: how it is computed.
  /// - Throws: `ShapeError` with the module's path.
  public init(
    _ network: Network, loss builder: LossBuilder, batch: Int, height: Int, width: Int,
    trainable: [Parameter], fixedStatistics: [Parameter], engine: EngineConfig = EngineConfig(),
    placement: Placement = .shared
  ) throws(ShapeError) {
    let graph = Graph(
      .training(fixingStatisticsOf: fixedStatistics), convolution: engine.convolution.policy)
    let image = graph.input("image", TensorType([batch, height, width, 3]))
    let labels = graph.input("labels", TensorType([batch, height, width], .uint8))
    let traced = try builder.trace(network.model(image), labels: labels)
    let kept = [traced.total] + traced.terms
    if engine.fusion { graph.rewrite(RewriteRules.training, keeping: kept) }
    try graph.differentiate(traced.total, parameters: trainable)
    plan = Plan(graph, keeping: kept, recompute: engine.recompute, placement: placement)
    loss = traced.total
    terms = traced.terms
  }
}
