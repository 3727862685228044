public import SegCore
public import SegEngine
import SegModels

/// The plan of one training step and the tensors a trainer reads from it.
public struct TrainingPlan {
  public let plan: Plan
  public let loss: Tensor
  public let terms: [Tensor]

  /// Traces network and loss, differentiates and plans.
  ///
  /// - Parameters:
  ///   - trainable: the parameters that learn.
  ///   - fixedStatistics: parameters whose normalisation layers keep their running statistics.
  ///   - recompute: what is computed again instead of being kept.
  /// - Throws: `ShapeError` with the module's path.
  public init(
    _ network: Network, loss builder: LossBuilder, batch: Int, height: Int, width: Int,
    trainable: [Parameter], fixedStatistics: [Parameter],
    recompute: RecomputePolicy = .none, placement: Placement = .shared
  ) throws(ShapeError) {
    let graph = Graph(.training(fixingStatisticsOf: fixedStatistics))
    let image = graph.input("image", TensorType([batch, height, width, 3]))
    let labels = graph.input("labels", TensorType([batch, height, width], .uint8))
    let traced = try builder.trace(network.model(image), labels: labels)
    try graph.differentiate(traced.total, parameters: trainable)
    plan = Plan(
      graph, keeping: [traced.total] + traced.terms, recompute: recompute, placement: placement)
    loss = traced.total
    terms = traced.terms
  }
}
