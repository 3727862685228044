public import SegCore
public import SegEngine
public import SegLosses
public import SegModels
import SegNN

/// The weighted terms of a run's loss, ready to be traced onto logits.
public struct LossBuilder: Sendable {
  public struct Term: Sendable {
    public var config: LossTermConfig
    public var context: LossContext
  }

  public let config: LossConfig
  public let terms: [Term]
  /// Factor of the auxiliary head's loss.
  public let auxiliaryWeight: Double
  /// What the terms remember over a run, by head and term; empty where nothing is trained.
  private let states: [[[Buffer]]]

  /// - Parameters:
  ///   - classWeights: one list a term, `nil` where the term is not weighted by class.
  ///   - classCounts: pixels over the training split, where they were counted.
  ///   - network: where memory is declared for what terms remember over a run, before the network's own is reserved;
  ///     `nil` where nothing is trained.
  public init(
    _ config: LossConfig, auxiliaryWeight: Double, classes: Int, ignoreIndex: Int,
    classWeights: [[Float]?], classCounts: [Int]? = nil, remembersIn network: Network? = nil
  ) {
    self.config = config
    self.auxiliaryWeight = auxiliaryWeight
    states = network.map { Self.declare(config, classes: classes, in: $0) } ?? []
    terms = zip(config.terms, classWeights).map { term, weights in
      Term(
        config: term,
        context: LossContext(
          classes: classes, ignoreIndex: ignoreIndex, classWeights: weights,
          classCounts: classCounts, path: "loss.\(term.name)"))
    }
  }

  /// Each head has predictions of its own, and so a memory of its own.
  private static func declare(
    _ config: LossConfig, classes: Int, in network: Network
  ) -> [[[Buffer]]] {
    let heads = ["loss"] + (network.options.hasAuxiliaryHead ? ["auxiliary_loss"] : [])
    return heads.map { head in
      config.terms.enumerated().map { index, term in
        let scope = Scope(network.declarations) / head / index / term.name
        return term.loss.state(classes: classes).map {
          scope.runBuffer($0.name, $0.shape, startingAt: $0.start)
        }
      }
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
    let heads = [(output.logits, 1.0)] + (output.auxiliary.map { [($0, auxiliaryWeight)] } ?? [])
    for (head, (logits, _)) in heads.enumerated() {
      for (index, term) in terms.enumerated() {
        var context = term.context
        if states.indices.contains(head) { context.state = states[head][index] }
        values.append(
          try term.config.loss.trace(logits: logits, labels: labels, context: context))
      }
    }
    let coefficients = coefficients(output.logits.graph, heads: heads.map(\.1))
    let graph = output.logits.graph
    let total = try graph.emit(WeightedSum(), values + [coefficients], path: "loss")[0]
    return Traced(total: total, terms: Array(values.prefix(terms.count)))
  }

  /// The factors of all terms for each head; with a schedule they are those of the step's iteration.
  ///
  /// A term whose factor is 0 is computed all the same: the plan is one for the whole run.
  private func coefficients(_ graph: Graph, heads: [Double]) -> Tensor {
    guard let schedule = config.schedule else {
      let weights = heads.flatMap { head in config.terms.map { Float(head * $0.weight) } }
      return graph.constant(weights, [weights.count])
    }
    let factors = heads.flatMap { head in
      config.terms.indices.map { (head: head, term: config.factor(of: $0)) }
    }
    return graph.stepInput("loss.weights", [factors.count]) { time, weights in
      let share = schedule.share(at: time)
      for index in 0..<factors.count {
        weights[index] = Float(factors[index].head * factors[index].term.weight(share: share))
      }
    }
  }
}
