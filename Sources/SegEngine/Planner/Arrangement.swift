import SegCore

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
  /// front a few times, until one needs hardly more than what is in use at one moment. Where all stay far from
  /// that, single storages change their place in the order of sizes.
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
    if byteCount > least + least / 50 { wander(storages, room, live) }
  }

  private static let attempts = 8

  /// Moves one of the larger storages that share time with what sticks out towards the front, again and again,
  /// each time into the lowest gap instead of the tightest; keeps what needs no more.
  private mutating func wander(_ storages: [Storage], _ room: [Int], _ live: [Int]) {
    let least = live.max() ?? 0
    let large = storages.indices.filter { room[$0] > least / 200 }
    var order = Order.size.sorted(storages, room, live)
    var best = Arrangement(storages, room, order, prefersLowest: true)
    // The same numbers every time: a plan must not depend on chance.
    var rng = CounterRNG(seed: 7, stream: 0)
    for _ in 0..<Self.moves where best.byteCount > least + least / 200 {
      let highest = large.filter { best.offsets[$0] + room[$0] > least }
      guard !highest.isEmpty else { break }
      let high = storages[highest[rng.integer(in: 0..<highest.count)]]
      let crowd = large.filter {
        storages[$0].firstStep <= high.lastStep && high.firstStep <= storages[$0].lastStep
      }
      let moved = crowd[rng.integer(in: 0..<crowd.count)]
      var other = order.filter { $0 != moved }
      other.insert(moved, at: rng.integer(in: 0..<(large.count + 1) / 2))
      let found = Arrangement(storages, room, other, prefersLowest: true)
      if found.byteCount <= best.byteCount { (best, order) = (found, other) }
    }
    if best.byteCount < byteCount { self = best }
  }

  private static let moves = 600

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

  /// Each into the tightest gap, or the lowest, left by those it shares time with, else behind them.
  private init(
    _ storages: [Storage], _ room: [Int], _ order: [Int], prefersLowest: Bool = false
  ) {
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
        if gap >= room[index], best.map({ !prefersLowest && gap < $0.gap }) ?? true {
          best = (gap, end)
        }
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
