/// Looks for the values to drop that give the lowest peak.
struct RecomputeSearch {
  private let recomputation: Recomputation
  /// By value: whether it is dropped.
  private(set) var best: [Bool]
  private var peak: Int

  /// Starts with nothing dropped.
  init(_ recomputation: Recomputation) {
    self.recomputation = recomputation
    best = [Bool](repeating: false, count: recomputation.canDrop.count)
    peak = recomputation.peak(dropping: best)
  }

  mutating func consider(_ dropped: [Bool]) {
    let found = recomputation.peak(dropping: dropped)
    guard found < peak else { return }
    peak = found
    best = dropped
  }

  /// Keeps again what does not raise the peak: it would be made twice for nothing.
  ///
  /// Convolutions first, then from the end of the forward pass, whose values live shortest.
  mutating func keepWhatCostsNothing() {
    let nodes = recomputation.program.nodes[..<recomputation.gradientStart]
    let made = nodes.indices.filter { index in
      nodes[index].outputs.contains { best[$0.value.index] }
    }
    let types = recomputation.program.types
    let cost = made.map { index in
      nodes[index].op.multiplyAdds(nodes[index].inputs.map { types[$0.index] })
    }
    let costly = zip(made, cost).filter { $0.1 > 0 }.map(\.0).reversed()
    let others = zip(made, cost).filter { $0.1 == 0 }.map(\.0).reversed()
    keep(Array(costly))
    keep(Array(others))
  }

  /// Halves what cannot be kept as a whole.
  private mutating func keep(_ makers: [Int]) {
    guard !makers.isEmpty else { return }
    var dropped = best
    for maker in makers {
      for output in recomputation.program.nodes[maker].outputs {
        dropped[output.value.index] = false
      }
    }
    guard dropped != best else { return }
    let found = recomputation.peak(dropping: dropped)
    if found <= peak {
      best = dropped
      peak = found
    } else if makers.count > 1 {
      keep(Array(makers[..<(makers.count / 2)]))
      keep(Array(makers[(makers.count / 2)...]))
    }
  }
}
