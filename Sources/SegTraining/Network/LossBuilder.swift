public import SegCore
public import SegEngine
public import SegLosses
public import SegModels

/// The weighted terms of a run's loss, ready to be traced onto logits.
public struct LossBuilder: Sendable {
  public struct Term: Sendable {
    public var config: LossTermConfig
    public var context: LossContext
  }

  public let terms: [Term]
  /// Factor of the auxiliary head's loss.
  public let auxiliaryWeight: Double

  /// - Parameters:
  ///   - classWeights: one list a term, `nil` where the term is not weighted by class.
  public init(
    _ config: LossConfig, auxiliaryWeight: Double, classes: Int, ignoreIndex: Int,
    classWeights: [[Float]?]
  ) {
    self.auxiliaryWeight = auxiliaryWeight
    terms = zip(config.terms, classWeights).map { term, weights in
      Term(
        config: term,
        context: LossContext(
          classes: classes, ignoreIndex: ignoreIndex, classWeights: weights,
          path: "loss.\(term.name)"))
    }
  }

  /// The traced loss.
  public struct Traced {
    /// Sum of all terms with their weights, `[1]`.
    public var total: Tensor
    /// By term, on the main logits, without weights.
    public var terms: [Tensor]
  }

  /// Traces every term on the logits, and once more on the auxiliary logits where there are some.
  public func trace(_ output: SegmentationOutput, labels: Tensor) throws(ShapeError) -> Traced {
    var values: [Tensor] = []
    var weights: [Float] = []
    let heads = [(output.logits, 1.0)] + (output.auxiliary.map { [($0, auxiliaryWeight)] } ?? [])
    for (logits, headWeight) in heads {
      for term in terms {
        values.append(
          try term.config.loss.trace(logits: logits, labels: labels, context: term.context))
        weights.append(Float(headWeight * term.config.weight))
      }
    }
    let graph = output.logits.graph
    let coefficients = graph.constant(weights, [weights.count])
    let total = try graph.emit(WeightedSum(), values + [coefficients], path: "loss")[0]
    return Traced(total: total, terms: Array(values.prefix(terms.count)))
  }
}
