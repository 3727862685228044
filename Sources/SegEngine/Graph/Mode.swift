/// What a graph is traced for. Layers that behave differently in training ask the graph, so the phase belongs
/// to the plan and cannot be forgotten or left over.
public struct Mode: Sendable {
  public let isTraining: Bool
  /// Names of parameters whose layers keep their running statistics fixed while training.
  let fixedStatistics: Set<String>
  /// Whether running statistics move with those of the batch.
  public private(set) var updatesStatistics = true

  public static let inference = Mode(isTraining: false, fixedStatistics: [])
  public static let training = Mode(isTraining: true, fixedStatistics: [])

  /// Training in which normalisation layers that own one of `parameters` use their running statistics.
  public static func training(fixingStatisticsOf parameters: [Parameter]) -> Mode {
    Mode(isTraining: true, fixedStatistics: Set(parameters.map(\.name)))
  }

  /// The same for a second look at a step: it computes what the step computes and changes nothing.
  public var observing: Mode {
    var mode = self
    mode.updatesStatistics = false
    return mode
  }

  /// Whether the normalisation layer that owns `scale` computes statistics of the batch.
  public func usesBatchStatistics(of scale: Parameter) -> Bool {
    isTraining && !fixedStatistics.contains(scale.name)
  }
}
