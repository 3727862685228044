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
  /// No greedy order is best for all graphs, so several are tried, each with what sticks out moved to the
  /// front a few times, until one needs hardly more than what is in use at one moment.
  init(packing storages: [Storage], guardBytes: Int) {
    let room = storages.map { Layout.rounded($0.byteCount) + Layout.rounded(guardBytes) }
    let live = Lifetimes.live(storages, sizes: room)
    let least = live.max() ?? 0
    let enough = least + least / 500
    self.init(separating: storages, guardBytes: guardBytes)
    for kind in Order.allCases {
      var order = kind.sorted(storages, room, live)
      for _ in 0..<Self.attempts where byteCount > enough {
        let found = Arrangement(storages, room, order)
        if found.byteCount < byteCount { self = found }
        let highest = order.filter { found.offsets[$0] + room[$0] > least }
        guard let largest = highest.max(by: { room[$0] < room[$1] }) else { break }
        order.removeAll { $0 == largest }
        order.insert(largest, at: 0)
      }
    }
  }

  private static let attempts = 8

  /// What is placed first: it finds the most freedom.
  private enum Order: CaseIterable {
    /// What lives when most is alive, and of that what lives longest.
    case crowd
    case size, sizeTimesLifetime

    func sorted(_ storages: [Storage], _ room: [Int], _ live: [Int]) -> [Int] {
      let keys = storages.indices.map { key(storages[$0], room[$0], live) }
      return storages.indices.sorted {
        (keys[$0].0, keys[$0].1, keys[$0].2, $0) < (keys[$1].0, keys[$1].1, keys[$1].2, $1)
      }
    }

    /// Smaller comes first.
    private func key(_ storage: Storage, _ room: Int, _ live: [Int]) -> (Int, Int, Int) {
      let lifetime = storage.lastStep - storage.firstStep + 1
      switch self {
      case .crowd:
        let most = live[storage.firstStep...storage.lastStep].max() ?? 0
        return (-most, -lifetime, -room)
      case .size: return (-room, storage.firstStep, 0)
      case .sizeTimesLifetime: return (-room * lifetime, storage.firstStep, 0)
      }
    }
  }

  /// Each into the tightest gap left by those it shares time with, else behind them.
  private init(_ storages: [Storage], _ room: [Int], _ order: [Int]) {
    offsets = [Int](repeating: 0, count: storages.count)
    byteCount = 0
    let first = storages.map(\.firstStep)
    let last = storages.map(\.lastStep)
    /// Already placed, by offset.
    var placed: [Int] = []
    placed.reserveCapacity(storages.count)
    for index in order {
      let (start, stop) = (first[index], last[index])
      var best: (gap: Int, offset: Int)?
      var end = 0
      for other in placed where first[other] <= stop && start <= last[other] {
        let gap = offsets[other] - end
        if gap >= room[index], best.map({ gap < $0.gap }) ?? true { best = (gap, end) }
        end = max(end, offsets[other] + room[other])
      }
      let offset = best?.offset ?? end
      offsets[index] = offset
      byteCount = max(byteCount, offset + room[index])
      var (low, high) = (0, placed.count)
      while low < high {
        let middle = (low + high) / 2
        if offsets[placed[middle]] > offset { high = middle } else { low = middle + 1 }
      }
      placed.insert(index, at: low)
    }
  }
}
