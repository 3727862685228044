import SegCore

/// Mean and variance of a convolution's output are summed while it is written: `BatchNormStatistics` becomes further
/// outputs of `Conv2D`.
public struct FuseConvolutionStatistics: GraphRewrite {
  public static let name = "fuse_convolution_statistics"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (statistics, op) in editor.nodes(running: BatchNormStatistics.self) {
      let input = editor.inputs(of: statistics)[0]
      guard let (convolution, plain) = editor.producer(of: input, running: Conv2D.self),
        plain.policy == .automatic, plain.fusion.statisticsEpsilon == nil
      else { continue }
      var fused = plain
      fused.fusion.statisticsEpsilon = op.epsilon
      editor.replace(
        [convolution, statistics],
        by: [
          .init(
            fused, editor.inputs(of: convolution),
            producing: [input] + editor.outputs(of: statistics),
            path: editor.path(of: convolution))
        ])
      count += 1
    }
    return count
  }
}
