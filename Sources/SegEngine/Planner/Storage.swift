import SegCore

/// Memory for one or more values that follow one another in place, and when it is in use.
struct Storage {
  var values: [Value]
  var byteCount: Int
  /// Steps between which the contents matter, both included.
  var firstStep: Int
  var lastStep: Int

  /// Finds the lifetime of every activation, and lets operations overwrite inputs that die with them.
  ///
  /// - Parameter persistent: by value index; what has memory elsewhere.
  static func assign(
    _ steps: [Plan.Step], graph: Graph, kept: Set<Int>, excluding persistent: Set<Int> = [],
    shareInPlace: Bool
  ) -> [Storage] {
    func isTemporary(_ value: Value) -> Bool {
      graph.role(of: value).isActivation && !persistent.contains(value.index)
    }
    var first = [Int: Int]()
    var last = [Int: Int]()
    for (index, step) in steps.enumerated() {
      for value in step.inputs + step.outputs where isTemporary(value) {
        if first[value.index] == nil { first[value.index] = index }
        last[value.index] = index
      }
    }
    for value in kept where first[value] != nil { last[value] = steps.count }

    var storages: [Storage] = []
    var storageOf = [Int: Int]()
    for (index, step) in steps.enumerated() {
      for (position, value) in step.outputs.enumerated() {
        guard isTemporary(value), storageOf[value.index] == nil else { continue }
        let end = last[value.index] ?? index
        let size = graph.type(of: value).byteCount
        if shareInPlace, position == 0, step.op.traits.inPlace, let input = step.inputs.first,
          let shared = storageOf[input.index], last[input.index] == index,
          storages[shared].byteCount == size, !step.inputs.dropFirst().contains(input)
        {
          storages[shared].values.append(value)
          storages[shared].lastStep = max(storages[shared].lastStep, end)
          storageOf[value.index] = shared
        } else {
          storageOf[value.index] = storages.count
          storages.append(
            Storage(values: [value], byteCount: size, firstStep: index, lastStep: end))
        }
      }
    }
    return storages
  }

  /// The largest sum of sizes alive at one step.
  static func lowerBound(_ storages: [Storage]) -> Int {
    var change = [Int: Int]()
    for storage in storages {
      change[storage.firstStep, default: 0] += storage.byteCount
      change[storage.lastStep + 1, default: 0] -= storage.byteCount
    }
    var live = 0
    var peak = 0
    for step in change.keys.sorted() {
      live += change[step] ?? 0
      peak = max(peak, live)
    }
    return peak
  }
}

/// Values one after the other, each aligned to a cache line.
struct Layout {
  static let alignment = 64
  let guardBytes: Int
  private(set) var byteCount = 0

  init(guardBytes: Int) { self.guardBytes = guardBytes }

  mutating func add(_ size: Int) -> Int {
    let offset = byteCount
    byteCount += Self.rounded(size) + Self.rounded(guardBytes)
    return offset
  }

  static func rounded(_ size: Int) -> Int { (size + alignment - 1) / alignment * alignment }
}

/// Byte offsets for a set of storages within one arena.
struct Arrangement {
  private(set) var offsets: [Int]
  private(set) var byteCount: Int

  /// Everything side by side.
  init(separating storages: [Storage], guardBytes: Int) {
    var layout = Layout(guardBytes: guardBytes)
    offsets = storages.map { layout.add($0.byteCount) }
    byteCount = layout.byteCount
  }

  /// Largest first, each into the tightest gap left by those it shares time with.
  init(packing storages: [Storage], guardBytes: Int) {
    offsets = [Int](repeating: 0, count: storages.count)
    byteCount = 0
    let bySize = storages.indices.sorted {
      (storages[$1].byteCount, storages[$0].firstStep, $0)
        < (storages[$0].byteCount, storages[$1].firstStep, $1)
    }
    /// Already placed, by offset.
    var placed: [Int] = []
    for index in bySize {
      let storage = storages[index]
      let size = Layout.rounded(storage.byteCount) + Layout.rounded(guardBytes)
      var best: (gap: Int, offset: Int)?
      var end = 0
      for other in placed
      where storages[other].firstStep <= storage.lastStep
        && storage.firstStep <= storages[other].lastStep
      {
        let gap = offsets[other] - end
        if gap >= size, best.map({ gap < $0.gap }) ?? true { best = (gap, end) }
        let otherSize = Layout.rounded(storages[other].byteCount) + Layout.rounded(guardBytes)
        end = max(end, offsets[other] + otherSize)
      }
      let offset = best?.offset ?? end
      offsets[index] = offset
      byteCount = max(byteCount, offset + size)
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
  }
}
