/// Memory for one or more values that follow one another in place, and when it is in use.
struct Storage {
  var byteCount: Int
  /// Steps between which the contents matter, both included.
  var firstStep: Int
  var lastStep: Int
}

/// When each activation of a program is in use, and which of them follow one another in place.
struct Lifetimes {
  private(set) var storages: [Storage] = []
  /// By value: index of its storage, or -1 where it has none. The copy of value v is value v + number of values.
  private(set) var storageOf: [Int]

  /// Finds the lifetime of every activation, and lets operations overwrite inputs that die with them.
  ///
  /// - Parameter persistent: by value index; activations that have memory elsewhere.
  init(_ program: Program, excluding persistent: Set<Int> = [], shareInPlace: Bool) {
    let use = ValueUse(program, excluding: persistent)
    let steps = (0..<use.count).map { Recomputation.Step(node: $0, isAgain: false) }
    self.init(use, steps, dropping: [], shareInPlace: shareInPlace)
  }

  /// The same for operations of which some run again: what follows reads the copies of `dropped` values.
  init(
    _ use: ValueUse, _ steps: [Recomputation.Step], dropping dropped: [Bool],
    shareInPlace: Bool = true
  ) {
    let values = use.byteCounts.count
    /// By value: the last step that touches it.
    var last = [Int](repeating: -1, count: 2 * values)
    /// By value: which of it and its copy is there to be read.
    var current = Array(0..<values)
    for (index, step) in steps.enumerated() {
      for item in use.reads.range(step.node) { last[current[use.reads.items[item]]] = index }
      for item in use.writes.range(step.node) {
        let value = use.writes.items[item]
        last[step.isAgain ? value + values : value] = index
        if step.isAgain, dropped[value] { current[value] = value + values }
      }
    }
    for value in use.kept where last[value] >= 0 { last[value] = steps.count }

    storageOf = [Int](repeating: -1, count: 2 * values)
    for value in 0..<values { current[value] = value }
    for (index, step) in steps.enumerated() {
      let written = use.writes.range(step.node)
      for item in written {
        let original = use.writes.items[item]
        let value = step.isAgain ? original + values : original
        guard use.byteCounts[original] >= 0, storageOf[value] < 0 else { continue }
        if shareInPlace, item == written.lowerBound,
          let input = use.overwrites.items[use.overwrites.range(step.node)].first(where: {
            storageOf[current[$0]] >= 0 && last[current[$0]] == index
          })
        {
          let shared = storageOf[current[input]]
          storages[shared].lastStep = max(storages[shared].lastStep, last[value])
          storageOf[value] = shared
        } else {
          storageOf[value] = storages.count
          storages.append(
            Storage(byteCount: use.byteCounts[original], firstStep: index, lastStep: last[value]))
        }
      }
      guard step.isAgain else { continue }
      for item in written where dropped[use.writes.items[item]] {
        current[use.writes.items[item]] += values
      }
    }
  }

  /// The largest sum of sizes alive at one step: no placement can do with less.
  var peak: Int { Self.live(storages, sizes: storages.map(\.byteCount)).max() ?? 0 }

  /// By step: the sum of `sizes` of the storages in use.
  static func live(_ storages: [Storage], sizes: [Int]) -> [Int] {
    let end = storages.reduce(0) { max($0, $1.lastStep) }
    var live = [Int](repeating: 0, count: end + 2)
    for (storage, size) in zip(storages, sizes) {
      live[storage.firstStep] += size
      live[storage.lastStep + 1] -= size
    }
    for step in live.indices.dropFirst() { live[step] += live[step - 1] }
    return live
  }
}
