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

  /// Shares memory between storages that are not in use at the same time.
  ///
  /// No greedy order is best for all graphs, so several are tried, until one needs no more than what is in
  /// use at one moment.
  init(packing storages: [Storage], guardBytes: Int) {
    let room = storages.map { Layout.rounded($0.byteCount) + Layout.rounded(guardBytes) }
    let least = Lifetimes.peak(storages, sizes: room)
    self.init(storages, room, Order.allCases[0])
    for order in Order.allCases.dropFirst() where byteCount > least {
      let other = Arrangement(storages, room, order)
      if other.byteCount < byteCount { self = other }
    }
  }

  /// What is placed first: it finds the most freedom.
  private enum Order: CaseIterable {
    case size, sizeTimesLifetime, lifetime, end, start

    /// Smaller comes first.
    func key(_ storage: Storage, _ room: Int) -> (Int, Int) {
      let lifetime = storage.lastStep - storage.firstStep + 1
      return switch self {
      case .size: (-room, storage.firstStep)
      case .sizeTimesLifetime: (-room * lifetime, storage.firstStep)
      case .lifetime: (-lifetime, -room)
      case .end: (-storage.lastStep, -room)
      case .start: (storage.firstStep, -room)
      }
    }
  }

  /// Each into the tightest gap left by those it shares time with, else behind them.
  private init(_ storages: [Storage], _ room: [Int], _ order: Order) {
    offsets = [Int](repeating: 0, count: storages.count)
    byteCount = 0
    let keys = storages.indices.map { order.key(storages[$0], room[$0]) }
    let sorted = storages.indices.sorted {
      (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1)
    }
    /// Already placed, by offset.
    var placed: [Int] = []
    for index in sorted {
      let storage = storages[index]
      var best: (gap: Int, offset: Int)?
      var end = 0
      for other in placed
      where storages[other].firstStep <= storage.lastStep
        && storage.firstStep <= storages[other].lastStep
      {
        let gap = offsets[other] - end
        if gap >= room[index], best.map({ gap < $0.gap }) ?? true { best = (gap, end) }
        end = max(end, offsets[other] + room[other])
      }
      let offset = best?.offset ?? end
      offsets[index] = offset
      byteCount = max(byteCount, offset + room[index])
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
  }
}
