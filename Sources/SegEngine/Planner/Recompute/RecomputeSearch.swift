/// Looks for the values to drop that give the lowest peak.
struct RecomputeSearch {
  private let recomputation: Recomputation
  /// By value: whether it is dropped.
  private(set) var best: [Bool]
  private(set) var peak: Int
  /// Steps that may still be looked at: planning stays within a few hundredths of a second, and, counted in
  /// steps instead of seconds, gives the same plan on every machine.
  private var budget: Int

  /// Starts with nothing dropped.
  init(_ recomputation: Recomputation, budget: Int = 120_000) {
    self.recomputation = recomputation
    self.budget = budget
    best = [Bool](repeating: false, count: recomputation.canDrop.count)
    peak = recomputation.peak(dropping: best)
  }

  var isExhausted: Bool { budget <= 0 }

  /// Allows another `steps` to be looked at.
  mutating func grant(_ steps: Int = 120_000) { budget = steps }

  /// Takes `dropped` when its peak is lower, or equal where `orEqual`; says whether it did.
  @discardableResult
  mutating func consider(_ dropped: [Bool], orEqual: Bool = false) -> Bool {
    budget -= recomputation.program.nodes.count
    let found = recomputation.peak(dropping: dropped)
    guard found < peak || (orEqual && found == peak) else { return false }
    peak = found
    best = dropped
    return true
  }

  /// Drops or keeps outputs of one operation after the other as long as the peak falls.
  ///
  /// Dropping what changes nothing by itself can make way for what comes next; `keepWhatCostsNothing` takes
  /// back what did not.
  ///
  /// - Parameters:
  ///   - allowed: by value, what the policy may drop.
  ///   - wandering: also keeps what changes nothing by itself.
  mutating func refine(_ allowed: [Bool], wandering: Bool = false) {
    var isBetter = true
    while isBetter, !isExhausted {
      let before = peak
      for node in recomputation.program.nodes[..<recomputation.gradientStart] where !isExhausted {
        let outputs = node.outputs.map(\.value.index).filter { allowed[$0] }
        guard let first = outputs.first else { continue }
        var other = best
        for output in outputs { other[output] = !best[first] }
        consider(other, orEqual: wandering || !best[first])
      }
      isBetter = peak < before
    }
  }

  /// Keeps again what does not raise the peak: it would be made twice for nothing.
  ///
  /// Convolutions first, then from the end of the forward pass, whose values live shortest.
  mutating func keepWhatCostsNothing() {
    let nodes = recomputation.program.nodes[..<recomputation.gradientStart]
    let types = recomputation.program.types
    let made = nodes.indices.reversed().filter { index in
      nodes[index].outputs.contains { best[$0.value.index] }
    }
    let costs = made.map { index in
      nodes[index].op.multiplyAdds(nodes[index].inputs.map { types[$0.index] })
    }
    keep(zip(made, costs).filter { $0.1 > 0 }.map(\.0))
    keep(zip(made, costs).filter { $0.1 == 0 }.map(\.0))
  }

  /// Halves what cannot be kept as a whole.
  private mutating func keep(_ makers: [Int]) {
    var dropped = best
    for maker in makers {
      for output in recomputation.program.nodes[maker].outputs {
        dropped[output.value.index] = false
      }
    }
    guard dropped != best, !consider(dropped, orEqual: true), makers.count > 1 else { return }
    keep(Array(makers[..<(makers.count / 2)]))
    keep(Array(makers[(makers.count / 2)...]))
  }
}
