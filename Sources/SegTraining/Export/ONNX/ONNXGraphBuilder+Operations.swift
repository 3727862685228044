import SegCore
import SegEngine

/// What each operation becomes. Values are `[N, H, W, C]` here and `[N, C, H, W]` there.
extension ONNXGraphBuilder {
  /// - Throws: `.badConfig` that names an operation without an ONNX form.
  mutating func emit(_ node: Graph.Node) throws(Failure) {
    switch node.op {
    case let op as Conv2D: try convolution(op, node)
    case let op as InverseStandardDeviation:
      variances[node.outputs[0].value] = (try name(node.inputs[0], at: node.path), op.epsilon)
    case let op as BatchNormApply: try normalization(op, node)
    case is ReLU: try append("Relu", node)
    case is Add: try append("Add", node)
    case is AddReLU:
      let sum = unique("\(node.path)/sum")
      nodes.append(ONNXNode("Add", sum, try inputs(of: node), to: sum))
      nodes.append(ONNXNode("Relu", unique("\(node.path)/relu"), [sum], to: output(of: node)))
    case is Concatenate: try append("Concat", node, ["axis": .integer(1)])
    case is Copy: try append("Identity", node)
    case is GlobalAveragePool: try append("GlobalAveragePool", node)
    case let op as MaxPool:
      try append(
        "MaxPool", node,
        [
          "kernel_shape": .integers([op.kernel, op.kernel]),
          "strides": .integers([op.stride, op.stride]),
          "pads": .integers([Int](repeating: op.padding, count: 4)),
        ])
    case let op as ResizeBilinear: try resize(op, node)
    default: throw unknown(type(of: node.op).name, node)
    }
  }

  private func unknown(_ operation: String, _ node: Graph.Node) -> Failure {
    Failure(
      .badConfig, node.path, "the operation \(operation) has no ONNX form here",
      hint:
        "export a network without it; convolution, batch norm, relu, add, concatenate, pooling and bilinear resize have one"
    )
  }

  private mutating func append(
    _ type: String, _ node: Graph.Node,
    _ attributes: KeyValuePairs<String, ONNXNode.Attribute> = [:]
  ) throws(Failure) {
    let inputs = try inputs(of: node)
    let output = output(of: node)
    nodes.append(ONNXNode(type, output, inputs, to: output, attributes))
  }

  private mutating func inputs(of node: Graph.Node) throws(Failure) -> [String] {
    var found: [String] = []
    for input in node.inputs { found.append(try name(input, at: node.path)) }
    return found
  }

  private mutating func output(of node: Graph.Node) -> String {
    nameOutput(node.outputs[0].value, path: node.path, type(of: node.op).name)
  }

  private mutating func convolution(_ op: Conv2D, _ node: Graph.Node) throws(Failure) {
    let weight = graph.type(of: node.inputs[1]).shape
    guard op.fusion.isPlain, weight.rank == 4 else { throw unknown("fused \(Conv2D.name)", node) }
    try append(
      "Conv", node,
      [
        "kernel_shape": .integers([weight[0], weight[1]]),
        "strides": .integers([op.stride, op.stride]),
        "pads": .integers([Int](repeating: op.padding, count: 4)),
        "dilations": .integers([op.dilation, op.dilation]),
      ])
  }

  private mutating func normalization(_ op: BatchNormApply, _ node: Graph.Node) throws(Failure) {
    guard !op.usesBatchStatistics, !op.addsResidual, !op.rectifies,
      let variance = variances[node.inputs[2]]
    else { throw unknown("fused \(BatchNormApply.name)", node) }
    var inputs: [String] = []
    // x, scale, shift, mean
    for index in [0, 3, 4, 1] { inputs.append(try name(node.inputs[index], at: node.path)) }
    let output = output(of: node)
    nodes.append(
      ONNXNode(
        "BatchNormalization", output, inputs + [variance.buffer], to: output,
        ["epsilon": .float(Float(variance.epsilon))]))
  }

  /// The new size is a constant, or the size of another value where the input's size is free.
  private mutating func resize(_ op: ResizeBilinear, _ node: Graph.Node) throws(Failure) {
    let input = try name(node.inputs[0], at: node.path)
    let output = output(of: node)
    let sizes = unique("\(output)/sizes")
    if isDynamic {
      guard let other = sameSize(as: node.outputs[0].value) else {
        throw Failure(
          .badConfig, node.path, "the size it resizes to does not follow the input's",
          hint: "export at a fixed size with --size")
      }
      try dynamicSizes(sizes, batchAndChannelsOf: input, sizeOf: try name(other, at: node.path))
    } else {
      let shape = graph.type(of: node.outputs[0].value).shape
      constants.append(.integers(sizes, [shape[0], shape[3], op.height, op.width]))
    }
    nodes.append(
      ONNXNode(
        "Resize", output, [input, "", "", sizes], to: output,
        [
          "mode": .text("linear"),
          "coordinate_transformation_mode": .text(op.alignCorners ? "align_corners" : "half_pixel"),
        ]))
  }

  private mutating func dynamicSizes(
    _ name: String, batchAndChannelsOf input: String, sizeOf other: String
  ) throws(Failure) {
    let bounds = [0, 2, 4].map { bound in
      let name = "bound_\(bound)"
      if !constants.contains(where: { $0.name == name }) {
        constants.append(.integers(name, [bound]))
      }
      return name
    }
    for (part, source, range) in [("outer", input, 0), ("inner", other, 1)] {
      nodes.append(
        ONNXNode("Shape", "\(name)/\(part)/shape", [source], to: "\(name)/\(part)/shape"))
      nodes.append(
        ONNXNode(
          "Slice", "\(name)/\(part)",
          ["\(name)/\(part)/shape", bounds[range], bounds[range + 1]], to: "\(name)/\(part)"))
    }
    nodes.append(
      ONNXNode("Concat", name, ["\(name)/outer", "\(name)/inner"], to: name, ["axis": .integer(0)]))
  }
}
