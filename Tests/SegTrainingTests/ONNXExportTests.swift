import SegCore
import SegData
import SegEngine
import SegModels
import SegTestSupport
import SegTraining
import Testing

/// What is written; that other programs compute the same with it is checked by `scripts/check_onnx.py`.
@Suite struct ONNXExportTests {
  private static let config = """
    {
      "data": {"layout": "streets", "root": "nowhere", "mean": [0.5, 0.25, 0.125], "channel_order": "bgr"},
      "model": {"architecture": "deeplabv3", "backbone": "resnet18"},
      "loss": {"terms": [{"type": "cross_entropy"}]},
      "optimizer": {"type": "sgd", "lr": 0.01},
      "training": {"iterations": 2}
    }
    """

  /// A DeepLabV3-ResNet18 whose weights are all zero but for one.
  private static func trained(in folder: TemporaryFolder) throws -> TrainedModel {
    let loaded = try RunConfig.load(bytes: Array(config.utf8), name: "run.json", overrides: [])
    let network = Network(ModelOptions(architecture: .deepLabV3, classes: 10))
    try network.store.reserve(gradients: false)
    let first = network.store.parameters[0]
    var values = network.store.values(of: first)
    values[1] = 0.5
    network.store.set(first, to: values)
    let metadata = ModelFile.metadata(
      resolved: loaded.resolved, config: loaded.config,
      classes: try FileDataset.classes(loaded.config.data))
    try AtomicFile.write(folder["m.safetensors"]) { file throws(Failure) in
      try SafetensorsWriter.write(
        ModelFile.tensors(network.store), metadata: metadata, to: file)
    }
    return try TrainedModel(folder["m.safetensors"])
  }

  /// One network for both: making it takes longer than writing it.
  @Test func sizes() throws {
    let folder = try TemporaryFolder()
    let trained = try Self.trained(in: folder)
    try fixedSize(trained, folder)
    try anySize(trained, folder)
  }

  private func fixedSize(_ trained: TrainedModel, _ folder: TemporaryFolder) throws {
    try ONNXExport(trained, size: .fixed(height: 33, width: 65), takesBytes: false)
      .write(to: folder["n.onnx"])
    let file = try ONNXFile(folder["n.onnx"])
    #expect((file.version, file.opset) == (7, 13))
    #expect(file.ports == ["image": ["1", "3", "33", "65"], "logits": ["1", "10", "33", "65"]])
    Self.expectWellFormed(file)

    // The backbone has 20 convolutions, 3 of them in shortcuts; the head 8, the last without norm.
    let counts = Dictionary(grouping: file.nodes, by: \.type).mapValues(\.count)
    #expect(
      counts == [
        "Conv": 28, "BatchNormalization": 27, "Relu": 24, "Add": 8, "MaxPool": 1, "Concat": 1,
        "GlobalAveragePool": 1, "Resize": 2,
      ])
    let stem = file.nodes[0]
    #expect(stem.type == "Conv")
    #expect(stem.inputs == ["image", "backbone.conv1.weight"])
    #expect(stem.attributes["kernel_shape"]?.numbers == [7, 7])
    #expect(stem.attributes["strides"]?.numbers == [2, 2])
    #expect(stem.attributes["pads"]?.numbers == [3, 3, 3, 3])
    let rates = file.nodes.filter { $0.type == "Conv" }.compactMap {
      $0.attributes["dilations"]?.numbers.first
    }
    #expect(Set(rates) == [1, 2, 6, 12, 18])
    #expect(
      file.nodes[1].inputs.dropFirst() == [
        "backbone.bn1.weight", "backbone.bn1.bias", "backbone.bn1.running_mean",
        "backbone.bn1.running_var",
      ])
    for resize in file.nodes where resize.type == "Resize" {
      #expect(resize.attributes["mode"]?.text == "linear")
      #expect(resize.attributes["coordinate_transformation_mode"]?.text == "half_pixel")
      #expect(resize.inputs.count == 4 && resize.inputs[1...2] == ["", ""])
      let sizes = try #require(file.constants[resize.inputs[3]])
      #expect(sizes.type == 7 && sizes.shape == [4] && sizes.data.count == 32)
      let extents = stride(from: 0, to: 32, by: 8).map { sizes.data[sizes.data.startIndex + $0] }
      #expect(extents == (resize.outputs == ["logits"] ? [1, 10, 33, 65] : [1, 0, 3, 5]))
    }
    // Every weight as the files have it, counters left out.
    for parameter in trained.network.store.parameters {
      let constant = try #require(file.constants[parameter.name])
      #expect(constant.shape == parameter.filedShape.dims && constant.type == 1)
      #expect(constant.data.count == 4 * parameter.filedShape.count)
    }
    let weight = try #require(file.constants["backbone.conv1.weight"])
    #expect(weight.data.prefix(8) == [0, 0, 0, 0, 0, 0, 0, 0x3F])
    #expect(!file.constants.keys.contains { $0.hasSuffix("num_batches_tracked") })
    #expect(file.metadata["segtrain.mean"] == "[0.5, 0.25, 0.125]")
    #expect(file.metadata["segtrain.channel_order"] == "\"bgr\"")
    #expect(file.metadata["segtrain.input"]?.contains("channels bgr") == true)
    #expect(file.metadata["segtrain.classes"]?.contains("\"road\"") == true)
  }

  private func anySize(_ trained: TrainedModel, _ folder: TemporaryFolder) throws {
    try ONNXExport(trained, size: .dynamic, takesBytes: true).write(to: folder["n.onnx"])
    let file = try ONNXFile(folder["n.onnx"])
    #expect(file.ports == ["image": ["N", "3", "H", "W"], "logits": ["N", "10", "H", "W"]])
    Self.expectWellFormed(file)
    #expect(
      file.nodes.prefix(5).map(\.type) == ["Cast", "Div", "Sub", "Div", "Gather"])
    #expect(file.metadata["segtrain.input"] == "bytes 0 to 255, channels rgb")

    // The logits get the picture's size, the pooled branch that of the features it was pooled from.
    func source(_ node: ONNXFile.Node) throws -> String {
      let shape = try #require(
        file.nodes.first { $0.outputs == ["\(node.inputs[3])/inner/shape"] })
      return shape.inputs[0]
    }
    let resizes = file.nodes.filter { $0.type == "Resize" }
    let pool = try #require(file.nodes.first { $0.type == "GlobalAveragePool" })
    #expect(resizes.count == 2)
    let producer = try #require(
      file.nodes.first { $0.outputs == [try source(resizes[0])] })
    #expect(
      producer.name.hasPrefix("backbone.layer3") && pool.inputs[0].hasPrefix("backbone.layer4"))
    #expect(try ["image", "normalized"].contains(source(resizes[1])))
  }

  @Test func unknownOperations() throws {
    let graph = Graph(.inference)
    let image = graph.input("image", TensorType([1, 4, 4, 3]))
    let logits = try graph.emit(Softmax(), [image], path: "head.softmax")[0]
    var builder = ONNXGraphBuilder(
      [InferenceTrace(image: image, logits: logits)], store: ParameterStore(), isDynamic: false)
    let error = failure { () throws(Failure) in
      try builder.build(input: "image", output: "logits")
    }
    #expect(error.status == .badConfig)
    #expect(error.place == "head.softmax")
    #expect(error.problem == "the operation softmax has no ONNX form here")
  }

  @Test func alignedCorners() throws {
    let graph = Graph(.inference)
    let image = graph.input("image", TensorType([1, 4, 4, 3]))
    let resize = ResizeBilinear(height: 7, width: 9, alignCorners: true)
    let logits = try graph.emit(resize, [image], path: "head")[0]
    var builder = ONNXGraphBuilder(
      [InferenceTrace(image: image, logits: logits)], store: ParameterStore(), isDynamic: false)
    try builder.build(input: "image", output: "logits")
    #expect(builder.nodes.map(\.inputs) == [["image", "", "", "logits/sizes"]])
    let mode = builder.nodes[0].attributes.first { $0.key == "coordinate_transformation_mode" }
    #expect(mode?.value == .text("align_corners"))
  }

  /// Everything that is read has been made before, and nothing is made twice.
  private static func expectWellFormed(_ file: ONNXFile) {
    var known = Set(file.constants.keys).union(["image", ""])
    for node in file.nodes {
      #expect(node.inputs.allSatisfy(known.contains), "\(node)")
      #expect(node.outputs.count == 1 && known.insert(node.outputs[0]).inserted, "\(node)")
    }
    #expect(known.contains("logits"))
    #expect(Set(file.nodes.map(\.name)).count == file.nodes.count)
  }
}
