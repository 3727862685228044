import SegData

/// Bytes to what the network is trained on, as ONNX operations.
struct ONNXNormalization {
  static let output = "normalized"

  let mean, std: [Float]
  let isBGR: Bool

  init(_ config: DataConfig) {
    mean = config.mean
    std = config.std
    isBGR = config.channelOrder == .bgr
  }

  /// The same steps as `Normalization`, so that floats agree: `(v / 255 - mean) / std`, then the order.
  func emit(from input: String, into builder: inout ONNXGraphBuilder) {
    let prefix = "normalization"
    func name(_ part: String) -> String { "\(prefix).\(part)" }
    builder.constants.append(.floats(name("scale"), []) { [255] })
    builder.constants.append(.floats(name("mean"), [1, 3, 1, 1]) { [mean] in mean })
    builder.constants.append(.floats(name("std"), [1, 3, 1, 1]) { [std] in std })
    let last = isBGR ? name("rgb") : Self.output
    builder.nodes += [
      ONNXNode(
        "Cast", name("cast"), [input], to: name("float"),
        ["to": .integer(ONNXTensor.ElementType.float.rawValue)]),
      ONNXNode("Div", name("div255"), [name("float"), name("scale")], to: name("unit")),
      ONNXNode("Sub", name("sub"), [name("unit"), name("mean")], to: name("centered")),
      ONNXNode("Div", name("div"), [name("centered"), name("std")], to: last),
    ]
    guard isBGR else { return }
    builder.constants.append(.integers(name("order"), [2, 1, 0]))
    builder.nodes.append(
      ONNXNode(
        "Gather", name("swap"), [last, name("order")], to: Self.output, ["axis": .integer(1)]))
  }
}
