import SegCore

/// What can be computed again in a program with a gradient, and the program in which it is.
struct Recomputation {
  let program: Program
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

  /// The program in which `dropped` values (by index) are made again, in forward order, right before the
  /// gradient first reads them.
  func program(dropping dropped: [Bool]) -> Program {
    var result = program
    result.nodes = Array(program.nodes[..<gradientStart])
    /// By value: its copy made in the gradient, or -1.
    var copies = [Int](repeating: -1, count: dropped.count)
    for node in program.nodes[gradientStart...] {
      for index in makers(of: node.inputs, dropped, copies) {
        var again = program.nodes[index]
        again.isGradient = true
        again.inputs = again.inputs.map { copied($0, copies) }
        for (position, output) in again.outputs.enumerated() {
          let copy = result.addCopy(of: output.value)
          if dropped[output.value.index] { copies[output.value.index] = copy.index }
          again.outputs[position].value = copy
        }
        result.nodes.append(again)
      }
      var reader = node
      reader.inputs = node.inputs.map { copied($0, copies) }
      result.nodes.append(reader)
    }
    return result
  }

  /// Forward operations that have to run again before `values` can be read, in order.
  func makers(of values: [Value], _ dropped: [Bool], _ copies: [Int]) -> [Int] {
    var found: Set<Int> = []
    var open = values
    while let value = open.popLast() {
      guard dropped[value.index], copies[value.index] < 0,
        found.insert(maker[value.index]).inserted
      else { continue }
      open += program.nodes[maker[value.index]].inputs
    }
    return found.sorted()
  }

  private func copied(_ value: Value, _ copies: [Int]) -> Value {
    copies[value.index] < 0 ? value : Value(index: copies[value.index])
  }
}
