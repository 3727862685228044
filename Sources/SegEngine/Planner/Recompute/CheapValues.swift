extension Recomputation {
  /// Outputs of cheap operations, by value, as far as making them again does not keep more alive than it saves.
  ///
  /// A value that is made again and whose own input is made again too brings that one back early, to lie
  /// around until the gradient gets there: in a chain of residual blocks all of them at once.
  ///
  /// - Parameter depth: how many values that the gradient reads a chain may lead through.
  func cheapValues(depth limit: Int) -> [Bool] {
    var dropped = [Bool](repeating: false, count: canDrop.count)
    var depths = [Int](repeating: 0, count: canDrop.count)
    for node in program.nodes[..<gradientStart] where node.op.traits.isCheap {
      let outputs = node.outputs.map(\.value.index)
      guard outputs.allSatisfy({ canDrop[$0] }) else { continue }
      var depth = 0
      /// Bytes of inputs that would have died in the forward pass, and now would be kept.
      var keptLonger = 0
      for input in Set(node.inputs.map(\.index)) where maker[input] >= 0 {
        if dropped[input] {
          depth = max(depth, depths[input] + (isNeeded[input] ? 1 : 0))
        } else if !isNeeded[input] {
          keptLonger += byteCount(input)
        }
      }
      guard depth <= limit, keptLonger < outputs.reduce(0, { $0 + byteCount($1) }) else { continue }
      for output in outputs {
        dropped[output] = true
        depths[output] = depth
      }
    }
    return dropped
  }

  /// By value: whether a cheap operation makes it, and it may be dropped.
  var canDropCheaply: [Bool] {
    var result = [Bool](repeating: false, count: canDrop.count)
    for node in program.nodes[..<gradientStart] where node.op.traits.isCheap {
      for output in node.outputs { result[output.value.index] = canDrop[output.value.index] }
    }
    return result
  }
}
