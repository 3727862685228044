public import SegCore

extension Graph {
  /// Emits the gradient of `loss` with respect to `parameters`, after everything traced so far.
  ///
  /// Contributions to one value are not summed through temporaries: the first writer stores, and later
  /// writers add to the same memory wherever nothing can see the difference. The order of the additions
  /// is the order of the graph, hence fixed.
  ///
  /// - Parameters:
  ///   - loss: a scalar.
  ///   - parameters: those that learn; nothing is computed for the others.
  public func differentiate(_ loss: Tensor, parameters: [Parameter]) throws(ShapeError) {
    guard loss.shape.count == 1 else {
      throw ShapeError(op: "differentiate", "the loss is a scalar, found \(loss.shape)")
    }
    emitsGradients = true
    let one = try emit(Fill(value: 1, shape: loss.shape), [], path: "loss")[0]
    emitsGradients = false
    try differentiate([(loss, one)], parameters: parameters)
  }

  /// The same from any tensors whose gradients are given.
  ///
  /// - Parameters:
  ///   - seeds: tensors and their gradients, of the same shapes.
  ///   - alsoFor: further tensors whose gradients are wanted (tests, audits).
  /// - Returns: the gradients of `alsoFor`, `nil` where none flows.
  @discardableResult
  public func differentiate(
    _ seeds: [(tensor: Tensor, gradient: Tensor)], parameters: [Parameter] = [],
    alsoFor extra: [Tensor] = []
  ) throws(ShapeError) -> [Tensor?] {
    emitsGradients = true
    defer { emitsGradients = false }
    let forward = nodes.filter { !$0.isGradient }
    let wanted = parameters.map { parameter($0) }
    let state = GradientState(
      needsGradient: dependents(of: wanted + extra, in: forward), asked: Set(extra.map(\.value)))
    for seed in seeds { state.contribute(seed.gradient.value, to: seed.tensor.value) }

    for node in forward.reversed() {
      for output in node.outputs {
        try combine(output.value, state, path: node.path)
      }
      guard node.outputs.contains(where: { state.gradients[$0.value.index] != nil }) else {
        continue
      }
      guard node.inputs.contains(where: { state.needs($0) }) else { continue }
      let builder = GradientBuilder(
        graph: self, inputs: node.inputs.map { Tensor(graph: self, value: $0) },
        outputs: node.outputs.map { Tensor(graph: self, value: $0.value) },
        path: node.path, state: state)
      do {
        try node.op.differentiate(builder)
      } catch {
        var located = error
        if located.path.isEmpty { located.path = node.path }
        throw located
      }
    }
    try storeParameterGradients(parameters, state)
    var gradients: [Tensor?] = []
    for tensor in extra {
      try combine(tensor.value, state, path: "gradient")
      gradients.append(state.gradients[tensor.value.index].map { Tensor(graph: self, value: $0) })
    }
    return gradients
  }

  /// By value: whether it depends on one of `roots`.
  private func dependents(of roots: [Tensor], in forward: [Node]) -> [Bool] {
    var depends = [Bool](repeating: false, count: valueCount)
    for root in roots { depends[root.value.index] = true }
    for node in forward where node.inputs.contains(where: { depends[$0.index] }) {
      for output in node.outputs { depends[output.value.index] = true }
    }
    return depends
  }

  /// Each parameter's gradient gets its own memory, which outlives the step.
  private func storeParameterGradients(
    _ parameters: [Parameter], _ state: GradientState
  ) throws(ShapeError) {
    for parameter in parameters {
      let value = self.parameter(parameter).value
      try combine(value, state, path: parameter.name)
      guard var gradient = state.gradients[value.index] else { continue }
      if !isOwned(gradient, state) {
        let tensor = Tensor(graph: self, value: gradient)
        gradient = try emit(Copy(), [tensor], path: parameter.name)[0].value
      }
      setRole(.gradient(of: parameter), of: gradient)
    }
  }

  /// Sums the contributions to `value`, once all its readers have been differentiated.
  private func combine(
    _ value: Value, _ state: GradientState, path: String
  ) throws(ShapeError) {
    guard state.gradients[value.index] == nil,
      let contributions = state.contributions.removeValue(forKey: value.index)
    else { return }
    for gradient in contributions { state.pendingHolders[gradient.index, default: 0] -= 1 }
    var sum = contributions[0]
    for gradient in contributions.dropFirst() {
      if let (node, output) = storingNode(of: gradient, state),
        canGrow(sum, atNode: node, state)
      {
        redirect(node: node, output: output, accumulatingInto: sum)
      } else {
        let operands = [Tensor(graph: self, value: sum), Tensor(graph: self, value: gradient)]
        sum = try emit(Add(), operands, path: path)[0].value
        state.flows[sum.index] = 1
      }
    }
    state.gradients[value.index] = sum
  }

  /// The node and output that store `gradient`, if nothing but this one contribution sees it and the
  /// operation can add to what is there.
  private func storingNode(
    of gradient: Value, _ state: GradientState
  ) -> (node: Int, output: Int)? {
    guard state.flows[gradient.index] == 1 else { return nil }
    var found: (node: Int, output: Int)?
    for (index, node) in nodes.enumerated().reversed() {
      if node.inputs.contains(gradient) { return nil }
      for (output, written) in node.outputs.enumerated() where written.value == gradient {
        // Something else already adds to it, or the operation cannot.
        if written.accumulates || found != nil || !node.op.traits.accumulates { return nil }
        found = (index, output)
      }
      if found != nil { break }
    }
    return found
  }

  /// Whether `sum` may still change at node `position`: every reader comes before, nobody waits for it.
  private func canGrow(_ sum: Value, atNode position: Int, _ state: GradientState) -> Bool {
    guard role(of: sum).isActivation, state.pendingHolders[sum.index, default: 0] == 0 else {
      return false
    }
    var stored = false
    for (index, node) in nodes.enumerated().reversed() {
      if index >= position, node.inputs.contains(sum) { return false }
      if index < position, node.outputs.contains(where: { $0.value == sum }) {
        // A forward value handed back as a gradient may still be read by what comes later.
        stored = node.isGradient
        break
      }
    }
    return stored
  }

  /// Whether `gradient` is memory of its own that may become a parameter's gradient.
  private func isOwned(_ gradient: Value, _ state: GradientState) -> Bool {
    role(of: gradient).isActivation && state.flows[gradient.index] == 1
      && !nodes.contains { node in
        node.inputs.contains(gradient)
          || (!node.isGradient && node.outputs.contains { $0.value == gradient })
      }
  }
}
