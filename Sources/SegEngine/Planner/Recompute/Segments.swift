/// Cuts through the forward pass: what crosses a cut is kept, everything between two cuts is made again when
/// the gradient comes to it.
struct Segments {
  private let recomputation: Recomputation
  /// By forward operation: bytes that would have to be kept if a cut came before it.
  private let crossing: [Int]
  /// By forward operation: bytes it makes that the gradient reads.
  private let needed: [Int]

  init(_ recomputation: Recomputation) {
    self.recomputation = recomputation
    let nodes = recomputation.program.nodes[..<recomputation.gradientStart]
    let lastRead = recomputation.lastForwardRead
    var change = [Int](repeating: 0, count: nodes.count + 1)
    var needed = [Int](repeating: 0, count: nodes.count)
    for value in recomputation.canDrop.indices where recomputation.canDrop[value] {
      let bytes = recomputation.byteCount(value)
      let maker = recomputation.maker[value]
      if recomputation.isNeeded[value] { needed[maker] += bytes }
      guard lastRead[value] > maker else { continue }
      change[maker + 1] += bytes
      change[lastRead[value] + 1] -= bytes
    }
    var live = 0
    crossing = change.dropLast().map { step in
      live += step
      return live
    }
    self.needed = needed
  }

  /// Considers few cuts with much between two, to many with little; returns the best.
  func coarse(_ search: inout RecomputeSearch) -> [Int] {
    let total = needed.reduce(0, +)
    var best: [Int] = []
    var last: [Int] = []
    for parts in [1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32] {
      let cuts = cuts(budget: Int(Double(total) / parts))
      guard cuts != last else { continue }
      last = cuts
      if search.consider(recomputation.values(between: cuts)) { best = cuts }
    }
    return best
  }

  /// Moves, removes and adds single cuts as long as the peak falls.
  func improve(_ cuts: [Int], _ search: inout RecomputeSearch) {
    // Where little crosses first.
    let places = (1..<max(1, needed.count)).sorted { (crossing[$0], $0) < (crossing[$1], $1) }
    var best = cuts
    var isBetter = true
    while isBetter {
      isBetter = false
      for cuts in neighbours(of: best, places) {
        if search.isExhausted { return }
        if search.consider(recomputation.values(between: cuts)) {
          best = cuts
          isBetter = true
          break
        }
      }
    }
  }

  /// Sets of cuts that differ from `cuts` in one.
  private func neighbours(of cuts: [Int], _ places: [Int]) -> [[Int]] {
    var found: [[Int]] = []
    for index in cuts.indices {
      var fewer = cuts
      fewer.remove(at: index)
      found.append(fewer)
      let low = index == 0 ? 0 : cuts[index - 1]
      let high = index + 1 < cuts.count ? cuts[index + 1] : needed.count
      for place in places where place > low && place < high && place != cuts[index] {
        var moved = cuts
        moved[index] = place
        found.append(moved)
      }
    }
    for place in places where !cuts.contains(place) { found.append((cuts + [place]).sorted()) }
    return found
  }

  /// Walks on until more than `budget` bytes would be made again, and cuts where least crosses.
  private func cuts(budget: Int) -> [Int] {
    var cuts: [Int] = []
    var start = 0
    while true {
      var bytes = 0
      var end = start
      while end < needed.count, bytes <= budget || end <= start + 1 {
        bytes += needed[end]
        end += 1
      }
      guard end < needed.count else { return cuts }
      var best = start + 1
      for place in start + 1...end where crossing[place] <= crossing[best] { best = place }
      cuts.append(best)
      start = best
    }
  }
}

extension Recomputation {
  /// By value: the last forward operation that reads it, or -1.
  var lastForwardRead: [Int] {
    var last = [Int](repeating: -1, count: canDrop.count)
    for (index, node) in program.nodes[..<gradientStart].enumerated() {
      for input in node.inputs { last[input.index] = index }
    }
    return last
  }

  /// All values that may be dropped but those that cross one of `cuts` (each before a forward operation).
  func values(between cuts: [Int]) -> [Bool] {
    var dropped = canDrop
    let last = lastForwardRead
    for value in dropped.indices where dropped[value] {
      if cuts.contains(where: { maker[value] < $0 && $0 <= last[value] }) { dropped[value] = false }
    }
    return dropped
  }
}
