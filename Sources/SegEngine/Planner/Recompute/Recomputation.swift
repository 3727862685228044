import SegCore

/// What can be computed again in a program with a gradient, and the program in which it is.
struct Recomputation {
  let program: Program
  let use: ValueUse
  /// The forward operations come before this one.
  let gradientStart: Int
  /// By value: the forward operation that makes it, or -1.
  let maker: [Int]
  /// By value: whether the gradient reads it.
  let isNeeded: [Bool]
  /// By value: whether it may be dropped after the forward pass and made again.
  let canDrop: [Bool]

  init(_ program: Program) {
    self.program = program
    use = ValueUse(program)
    let nodes = program.nodes
    let start = nodes.firstIndex(where: \.isGradient) ?? nodes.count
    gradientStart = start
    var maker = [Int](repeating: -1, count: program.types.count)
    var writers = [Int](repeating: 0, count: program.types.count)
    var isNeeded = [Bool](repeating: false, count: program.types.count)
    for (index, node) in nodes.enumerated() {
      for output in node.outputs {
        writers[output.value.index] += 1
        if index < start { maker[output.value.index] = index }
      }
      guard index >= start else { continue }
      for input in node.inputs { isNeeded[input.index] = true }
    }
    let updated = Set(nodes.flatMap { node in node.op.traits.updates.map { node.inputs[$0] } })
    var canDrop = [Bool](repeating: false, count: program.types.count)
    for node in nodes[..<start] {
      // A buffer that moves on during the step is not what it was when it is read again.
      guard node.op.traits.updates.isEmpty, !node.inputs.contains(where: updated.contains) else {
        continue
      }
      let read = node.inputs.reduce(0) { $0 + program.types[$1.index].byteCount }
      for output in node.outputs {
        let value = output.value.index
        // Sums over many pixels (statistics, pooled features, losses) take little memory and long to make.
        let isSummary = program.types[value].byteCount * Self.summaryRatio <= read
        canDrop[value] =
          program.roles[value].isActivation && !program.kept.contains(value)
          && writers[value] == 1 && !isSummary
      }
    }
    self.maker = maker
    self.isNeeded = isNeeded
    self.canDrop = canDrop
  }

  /// How many times smaller than what it is made from a value is that is always kept.
  private static let summaryRatio = 16

  func byteCount(_ value: Int) -> Int { program.types[value].byteCount }

  /// One operation of a program; one that runs again makes copies of its outputs.
  struct Step {
    var node: Int
    var isAgain: Bool
  }

  /// The order of operations when `dropped` values (by index) are made again, in forward order, right before
  /// the gradient first reads them.
  func steps(dropping dropped: [Bool]) -> [Step] {
    var steps = (0..<gradientStart).map { Step(node: $0, isAgain: false) }
    steps.reserveCapacity(program.nodes.count + gradientStart)
    var ranAgain = [Bool](repeating: false, count: gradientStart)
    var open: [Int] = []
    var found: [Int] = []
    for index in gradientStart..<program.nodes.count {
      open.append(index)
      while let reader = open.popLast() {
        for item in use.reads.range(reader) {
          let value = use.reads.items[item]
          guard dropped[value], !ranAgain[maker[value]] else { continue }
          ranAgain[maker[value]] = true
          open.append(maker[value])
          found.append(maker[value])
        }
      }
      if !found.isEmpty {
        found.sort()
        for node in found { steps.append(Step(node: node, isAgain: true)) }
        found.removeAll(keepingCapacity: true)
      }
      steps.append(Step(node: index, isAgain: false))
    }
    return steps
  }

  /// The largest sum of sizes alive at one step when `dropped` values are made again.
  func peak(dropping dropped: [Bool]) -> Int {
    Lifetimes(use, steps(dropping: dropped), dropping: dropped).peak
  }

  /// The program in which `dropped` values are made again.
  func program(dropping dropped: [Bool]) -> Program {
    var result = program
    /// By value: what is to be read in its place.
    var current = (0..<dropped.count).map { Value(index: $0) }
    result.nodes = steps(dropping: dropped).map { step in
      var node = program.nodes[step.node]
      node.inputs = node.inputs.map { current[$0.index] }
      guard step.isAgain else { return node }
      node.isGradient = true
      for (position, output) in node.outputs.enumerated() {
        let copy = result.addCopy(of: output.value)
        if dropped[output.value.index] { current[output.value.index] = copy }
        node.outputs[position].value = copy
      }
      return node
    }
    return result
  }
}
