import SegCore

/// A normalised and rectified activation that only a max pooling reads is computed while it reads, and never stored:
/// `BatchNormApply(rectifies:)` disappears into `MaxPool`, with the same bits.
public struct FuseMaxPoolActivation: GraphRewrite {
  public static let name = "fuse_max_pool_activation"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (reader, pool) in editor.nodes(running: MaxPool.self) where !pool.activatesInput {
      let activation = editor.inputs(of: reader)[0]
      guard let (norm, op) = editor.producer(of: activation, running: BatchNormApply.self),
        op.rectifies, !op.addsResidual, editor.isRead(activation, onlyBy: reader)
      else { continue }
      var fused = pool
      fused.activatesInput = true
      fused.usesBatchStatistics = op.usesBatchStatistics
      editor.replace(
        [norm, reader], by: fused, editor.inputs(of: norm), producing: editor.outputs(of: reader))
      count += 1
    }
    return count
  }
}
