import SegCore

/// Which values each operation of a program reads, writes and may overwrite, as plain numbers: the search for
/// what to recompute asks for lifetimes many times.
struct ValueUse {
  /// By operation: lists of value indices.
  private(set) var reads = Lists()
  private(set) var writes = Lists()
  /// Inputs that the first output may be written over: of its size, and read by nothing else of the call.
  private(set) var overwrites = Lists()
  /// By value: bytes of an activation; -1 for what lives elsewhere.
  let byteCounts: [Int]
  let kept: Set<Int>
  let count: Int

  init(_ program: Program, excluding persistent: Set<Int> = []) {
    var byteCounts = zip(program.types, program.roles).map { type, role in
      role.isActivation ? type.byteCount : -1
    }
    for value in persistent { byteCounts[value] = -1 }
    self.byteCounts = byteCounts
    kept = program.kept
    count = program.nodes.count
    for node in program.nodes {
      let inputs = node.inputs.map(\.index)
      reads.append(inputs)
      writes.append(node.outputs.map(\.value.index))
      guard let first = node.outputs.first?.value.index, byteCounts[first] >= 0 else {
        overwrites.append([])
        continue
      }
      overwrites.append(
        node.op.traits.overwrites.compactMap { position in
          guard position < inputs.count else { return nil }
          let input = inputs[position]
          let isAlone = inputs.count(where: { $0 == input }) == 1
          return isAlone && byteCounts[input] == byteCounts[first] ? input : nil
        })
    }
  }

  /// Lists one after the other.
  struct Lists {
    private(set) var items: [Int] = []
    private var ends: [Int] = []

    mutating func append(_ list: [Int]) {
      items += list
      ends.append(items.count)
    }

    /// Positions of list `index` in `items`.
    func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }
  }
}
