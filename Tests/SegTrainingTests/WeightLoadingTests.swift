import SegCore
import SegEngine
import SegModels
import SegTestSupport
import SegTraining
import Testing

@Suite struct WeightLoadingTests {
  private static let classes = 3

  private static func network(classes: Int = Self.classes, aux: Bool = false) -> Network {
    Network(ModelOptions(architecture: .fcn, classes: classes, hasAuxiliaryHead: aux))
  }

  /// A file with a tensor for every name of `network`; all elements are `value`, stored in one byte each.
  private static func write(
    _ network: Network, to path: String, value: UInt8 = 2, shape: (Shape) -> Shape = { $0 },
    name: (String) -> String? = { $0 }
  ) throws {
    let tensors = network.store.keys.compactMap { key -> StoredTensor? in
      let filed: Shape
      switch key {
      case .parameter(let parameter): filed = parameter.filedShape
      case .buffer(let buffer): filed = buffer.type.shape
      }
      guard let name = name(key.name) else { return nil }
      let shape = shape(filed)
      return StoredTensor(
        name: name, dtype: .u8, shape: shape, bytes: [UInt8](repeating: value, count: shape.count))
    }
    try SafetensorsFile(tensors: tensors).write(to: path)
  }

  private static func refusal(
    _ network: Network, _ path: String, _ scope: WeightsScope, reset: Bool = false
  ) throws -> Failure {
    do {
      try network.loadWeights(path, scope: scope, resetsClassifier: reset)
    } catch let error as Failure {
      #expect(error.status == .badData)
      #expect(error.place == "model.weights")
      return error
    }
    Issue.record("expected a failure")
    return Failure(.internal, "", "")
  }

  @Test func everyName() throws {
    let folder = try TemporaryFolder()
    let network = Self.network()
    try Self.write(network, to: folder["w.safetensors"], name: { "module." + $0 })
    try network.store.reserve(gradients: false)
    let report = try network.loadWeights(folder["w.safetensors"], scope: .all)
    #expect(report.loaded == network.store.keys.map(\.name))
    #expect(report.share == 1)
    #expect(report.notes == ["every name starts with \"module.\", which is taken off"])
    #expect(network.store.flatParameters.contains(2))
    #expect(network.store.counter(network.store.buffers[2]) == 2)
    for buffer in network.store.buffers.prefix(2) {
      #expect(network.store.values(of: buffer).allSatisfy { $0 == 2 })
    }
    #expect(report.text.contains("(safetensors): 1"))
    #expect(report.text.contains("tensors loaded, 100.0 % of the parameters"))
  }

  /// Named classes differ: an error that names the key, and with the key everything else is loaded.
  @Test func classifierForOtherClasses() throws {
    let folder = try TemporaryFolder()
    try Self.write(Self.network(classes: 21), to: folder["w.safetensors"])
    let network = Self.network()
    let error = try Self.refusal(network, folder["w.safetensors"], .all)
    #expect(
      error.problem.contains(
        "classifier.4.weight: [3, 128, 1, 1] here, [21, 128, 1, 1] in the file"))
    #expect(error.hint?.contains("model.reset_classifier") == true)

    try network.store.reserve(gradients: false)
    let report = try network.loadWeights(
      folder["w.safetensors"], scope: .all, resetsClassifier: true)
    #expect(report.reset.map(\.name) == ["classifier.4.weight", "classifier.4.bias"])
    #expect(report.misshapen.isEmpty && report.missing.isEmpty && report.unexpected.isEmpty)
    let last = try #require(network.store.parameters.last)
    #expect(last.name == "classifier.4.bias")
    #expect(network.store.values(of: last) == [0, 0, 0])
    #expect(network.store.values(of: network.store.parameters[1]).allSatisfy { $0 == 2 })
    #expect(report.text.contains("2 for other classes, start from random values"))
  }

  /// Only the number of classes may differ.
  @Test func anotherHeadIsNotReset() throws {
    let folder = try TemporaryFolder()
    try Self.write(
      Self.network(), to: folder["w.safetensors"],
      shape: { $0 == [3, 128, 1, 1] ? [21, 64, 1, 1] : $0 })
    let error = try Self.refusal(Self.network(), folder["w.safetensors"], .all, reset: true)
    #expect(error.problem.contains("1 of another shape"))
  }

  @Test func bareBackbone() throws {
    let folder = try TemporaryFolder()
    let bare = { (name: String) -> String? in
      name.hasPrefix("backbone.")
        ? String(name.dropFirst("backbone.".count))
        : name == "classifier.4.bias" ? "fc.bias" : nil
    }
    try Self.write(Self.network(), to: folder["w.safetensors"], name: bare)
    let network = Self.network()
    try network.store.reserve(gradients: false)
    let report = try network.loadWeights(folder["w.safetensors"], scope: .backbone)
    #expect(report.unexpected == ["fc.bias"])
    #expect(report.missing.isEmpty)
    #expect(report.notes.count == 1 && report.notes[0].hasPrefix("a bare backbone: 120 names"))
    #expect(report.share > 0.9 && report.share < 1)
    let all = try Self.refusal(Self.network(), folder["w.safetensors"], .all)
    #expect(all.problem.contains("missing in the file"))
  }

  @Test func missingNamesHaveNeighbours() throws {
    let folder = try TemporaryFolder()
    try Self.write(
      Self.network(), to: folder["w.safetensors"],
      name: { $0 == "classifier.4.bias" ? "classifier.4.biass" : $0 })
    let error = try Self.refusal(Self.network(), folder["w.safetensors"], .all)
    #expect(error.problem.contains("classifier.4.bias (nearest: classifier.4.biass)"))
    #expect(error.problem.contains("classifier.4.biass (nearest: classifier.4.bias)"))
  }

  @Test func auxiliaryHeadInTheFile() throws {
    let folder = try TemporaryFolder()
    try Self.write(Self.network(aux: true), to: folder["w.safetensors"])
    let error = try Self.refusal(Self.network(), folder["w.safetensors"], .all)
    #expect(error.hint?.contains("set model.aux_head to true") == true)
  }

  @Test func nothingMatches() throws {
    let folder = try TemporaryFolder()
    let tensor = StoredTensor(HostTensor(name: "other", shape: [1], values: [2]))
    try SafetensorsFile(tensors: [tensor]).write(to: folder["w.safetensors"])
    let error = try Self.refusal(Self.network(), folder["w.safetensors"], .matching)
    #expect(error.problem.contains("0 tensors loaded"))
  }
}
