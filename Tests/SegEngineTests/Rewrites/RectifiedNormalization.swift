import SegCore
import SegEngine

/// Normalises and rectifies what a fusion is to take in, by statistics of its own or by fixed ones. Inputs begin with x,
/// gamma and beta.
func rectifiedNormalization(
  _ graph: Graph, _ inputs: [Tensor], fixed: Bool
) throws -> Tensor {
  let channels = inputs[1].shape[0]
  var statistics = [
    graph.constant((0..<channels).map { Float($0 % 7) * 0.1 - 0.3 }, [channels]),
    graph.constant((0..<channels).map { 0.5 + Float($0 % 5) * 0.4 }, [channels]),
  ]
  if !fixed {
    let made = try graph.emit(BatchNormStatistics(), [inputs[0]], path: "bn")
    statistics = [made[0], made[2]]
  }
  return try graph.emit(
    BatchNormApply(usesBatchStatistics: !fixed, rectifies: true),
    [inputs[0]] + statistics + inputs[1...2], path: "bn")[0]
}
