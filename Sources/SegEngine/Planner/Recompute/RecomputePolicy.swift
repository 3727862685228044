/// What a training step computes again for its gradient instead of keeping it from the forward pass.
///
/// The same operations run again on the same inputs, so results are the same bit for bit under every policy.
public enum RecomputePolicy: String, Sendable, CaseIterable {
  /// Everything the gradient reads is kept.
  case none
  /// What operations give that take hardly longer than reading and writing: normalised, rectified, added,
  /// concatenated, resized values.
  case cheap
  /// Everything between a few cuts through the forward pass, convolutions too (Chen et al. 2016, "Training
  /// Deep Nets with Sublinear Memory Cost").
  case segments

  /// `program` with the forward operations in its gradient that this policy adds.
  ///
  /// Of what the policy allows, the choice with the lowest peak is taken, and of equal ones the one that
  /// computes least again.
  func applied(to program: Program) -> Program {
    guard self != .none else { return program }
    let recomputation = Recomputation(program)
    var search = RecomputeSearch(recomputation)
    for depth in 0...3 { search.consider(recomputation.cheapValues(depth: depth)) }
    search.refine(recomputation.canDropCheaply)
    if self == .segments {
      let segments = Segments(recomputation)
      search.grant()
      let cuts = segments.coarse(&search)
      // Single values from good cuts, and from better ones: neither always ends lower.
      var other = search
      search.refine(recomputation.canDrop, wandering: true)
      segments.improve(cuts, &other)
      other.grant()
      other.refine(recomputation.canDrop)
      if other.peak < search.peak { search = other }
    }
    search.grant()
    search.keepWhatCostsNothing()
    return recomputation.program(dropping: search.best)
  }
}
