internal import SegCore

/// Divides groups of samples among splits: a pure function of the groups, the ratios and the seed.
///
/// Large groups come first and each goes to the split that lacks most. With classes this is iterative
/// stratification (Sechidis, Tsoumakas and Vlahavas 2011), a class at a time: the groups that show the rarest class
/// go to the splits that lack most images of it.
struct SplitAssignment {
  /// Samples that stay together.
  struct Group {
    var images: Int
    /// By class, the images that show it; empty where classes do not count.
    var imagesOfClass: [Int] = []
  }

  /// Split of each group.
  private(set) var splits: [Int]

  private let groups: [Group]
  private var unassigned: Int
  private var isEmpty: [Bool]
  /// Images that each split still lacks, in all and by class.
  private var lacking: [Double]
  private var lackingOfClass: [[Double]]

  /// - Parameters:
  ///   - groups: at least as many as `ratios`; every split gets one.
  ///   - ratios: shares of the images, by split.
  init(_ groups: [Group], ratios: [Double], seed: UInt64) {
    self.groups = groups
    let classes = groups.first?.imagesOfClass.count ?? 0
    let images = Double(groups.map(\.images).reduce(0, +))
    var totals = [Int](repeating: 0, count: classes)
    for group in groups {
      for (index, count) in group.imagesOfClass.enumerated() { totals[index] += count }
    }
    splits = [Int](repeating: -1, count: groups.count)
    unassigned = groups.count
    isEmpty = [Bool](repeating: true, count: ratios.count)
    lacking = ratios.map { $0 * images }
    lackingOfClass = ratios.map { ratio in totals.map { ratio * Double($0) } }

    let order = Self.order(groups, seed: seed)
    var waiting = Set(totals.indices.filter { totals[$0] > 0 })
    while !waiting.isEmpty {
      var left = [Int](repeating: 0, count: classes)
      for index in order where splits[index] < 0 {
        for (label, count) in groups[index].imagesOfClass.enumerated() { left[label] += count }
      }
      waiting = waiting.filter { left[$0] > 0 }
      guard let rarest = waiting.min(by: { (left[$0], $0) < (left[$1], $1) }) else { break }
      for index in order where splits[index] < 0 && groups[index].imagesOfClass[rarest] > 0 {
        assign(index, for: rarest)
      }
      waiting.remove(rarest)
    }
    for index in order where splits[index] < 0 { assign(index, for: nil) }
  }

  /// Random, but large groups first: small ones then fill what is left.
  private static func order(_ groups: [Group], seed: UInt64) -> [Int] {
    var order = Array(groups.indices)
    var rng = CounterRNG(seed: seed, stream: CounterRNG.stream("data split"))
    for last in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(last, rng.integer(in: 0..<last + 1))
    }
    return order.enumerated().sorted {
      (-groups[$0.element].images, $0.offset) < (-groups[$1.element].images, $1.offset)
    }.map(\.element)
  }

  private mutating func assign(_ index: Int, for label: Int?) {
    let empty = isEmpty.count { $0 }
    let isForced = empty > 0 && unassigned <= empty
    func need(_ split: Int) -> (Double, Double) {
      (label.map { lackingOfClass[split][$0] } ?? lacking[split], lacking[split])
    }
    var best: Int?
    for split in lacking.indices where !isForced || isEmpty[split] {
      if best.map({ need(split) > need($0) }) ?? true { best = split }
    }
    guard let best else { return }
    splits[index] = best
    unassigned -= 1
    isEmpty[best] = false
    lacking[best] -= Double(groups[index].images)
    for (label, count) in groups[index].imagesOfClass.enumerated() {
      lackingOfClass[best][label] -= Double(count)
    }
  }
}
