import SegCore
import SegEngine
import SegModels
import SegTestSupport
import Testing

/// Names, shapes, types and order of every tensor are those of torchvision's networks (DeepLabV3+: of the recall
/// repository's), so weight files go both ways.
@Suite struct StateDictNamesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var network: Int
    var classes: Int
    var testDescription: String { "network \(network), \(classes) classes" }
  }

  static let cases = (0..<6).flatMap { network in
    [11, 21].map { Case(network: network, classes: $0) }
  }

  @Test(arguments: cases) func equalsPyTorch(_ testCase: Case) throws {
    let golden: GoldenNames = try GoldenFile.load("state_dict_names")
    let network = golden.networks[testCase.network]
    let store = try ModelFixture(network, classes: testCase.classes).store
    let found = store.keys.map { key in
      switch key {
      case .parameter(let parameter): "\(parameter.name) float32\(parameter.filedShape) learned"
      case .buffer(let buffer): "\(buffer.name) \(buffer.type)"
      }
    }
    let expected = network.entries.map { entry in
      let shape = Shape(entry.shape.map { $0 == -1 ? testCase.classes : $0 })
      return "\(entry.name) \(entry.dtype)\(shape)\(entry.trainable ? " learned" : "")"
    }
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
    #expect(found.count == expected.count)
    #expect(network.entries.contains { $0.name.hasSuffix("num_batches_tracked") })
  }

  @Test(arguments: cases) func counts(_ testCase: Case) throws {
    let golden: GoldenNames = try GoldenFile.load("state_dict_names")
    let network = golden.networks[testCase.network]
    let totals = try #require(network.totals.first { $0.classes == testCase.classes })
    let store = try ModelFixture(network, classes: testCase.classes).store
    #expect(store.parameterCount == totals.parameters)
    #expect(store.keys.count == totals.entries)
    let buffers = store.buffers.reduce(0) { $0 + $1.type.shape.count }
    #expect(store.parameterCount + buffers == totals.stateElements)
  }

  /// The goldens cover all heads, each with and without the auxiliary one.
  @Test func allNetworksAreCovered() throws {
    let golden: GoldenNames = try GoldenFile.load("state_dict_names")
    let names = golden.networks.map { "\($0.architecture) \($0.auxHead)" }.sorted()
    #expect(names == Architecture.all.flatMap { ["\($0.name) false", "\($0.name) true"] })
  }
}
