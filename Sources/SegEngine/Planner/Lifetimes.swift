import SegCore

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
  /// By value: index of its storage, or -1 where it has none.
  private(set) var storageOf: [Int]

  /// Finds the lifetime of every activation, and lets operations overwrite inputs that die with them.
  init(_ program: Program, shareInPlace: Bool) {
    let isActivation = program.roles.map(\.isActivation)
    storageOf = [Int](repeating: -1, count: isActivation.count)
    var last = storageOf
    for (index, node) in program.nodes.enumerated() {
      for value in node.inputs { last[value.index] = index }
      for output in node.outputs { last[output.value.index] = index }
    }
    for value in program.kept where last[value] >= 0 { last[value] = program.nodes.count }

    for (index, node) in program.nodes.enumerated() {
      for (position, output) in node.outputs.enumerated() {
        let value = output.value.index
        guard isActivation[value], storageOf[value] < 0 else { continue }
        let size = program.types[value].byteCount
        if shareInPlace, position == 0,
          let shared = overwritten(by: node, at: index, byteCount: size, last)
        {
          storages[shared].lastStep = max(storages[shared].lastStep, last[value])
          storageOf[value] = shared
        } else {
          storageOf[value] = storages.count
          storages.append(Storage(byteCount: size, firstStep: index, lastStep: last[value]))
        }
      }
    }
  }

  /// The storage of an input that `node` may write over: it dies here and nothing else of the call reads it.
  private func overwritten(
    by node: Graph.Node, at index: Int, byteCount: Int, _ last: [Int]
  ) -> Int? {
    for candidate in node.op.traits.overwrites where candidate < node.inputs.count {
      let input = node.inputs[candidate]
      let storage = storageOf[input.index]
      if storage >= 0, last[input.index] == index, storages[storage].byteCount == byteCount,
        node.inputs.count(where: { $0 == input }) == 1
      {
        return storage
      }
    }
    return nil
  }

  /// The largest sum of sizes alive at one step: no placement can do with less.
  var peak: Int {
    var change = [Int](repeating: 0, count: (storages.map(\.lastStep).max() ?? 0) + 2)
    for storage in storages {
      change[storage.firstStep] += storage.byteCount
      change[storage.lastStep + 1] -= storage.byteCount
    }
    var live = 0
    var peak = 0
    for step in change {
      live += step
      peak = max(peak, live)
    }
    return peak
  }
}
