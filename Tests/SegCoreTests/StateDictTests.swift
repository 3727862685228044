import SegCore
import SegTestSupport
import Testing

@Suite struct StateDictTests {
  typealias P = PickleBytes

  static let weight = P.tensor(P.storage("Float", "0", count: 6), [6])
  static let network = P.orderedDictionary([("a.weight", weight), ("a.bias", weight)])

  private func read(_ object: [UInt8]) throws -> StateDict {
    let zip = ZipBytes(
      pickle: P.document(object), storages: [("0", bytes(TorchFileTests.floats))])
    return StateDict(try TorchFileTests.open(zip.bytes))
  }

  @Test(arguments: [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module",
  ])
  func usualKeys(key: String) throws {
    let optimizer = P.dictionary([("state", P.dictionary([("exp_avg", Self.weight)]))])
    let found = try read(
      P.dictionary([("epoch", P.integer(3)), ("optimizer", optimizer), (key, Self.network)]))
    #expect(found.items.map(\.name) == ["a.weight", "a.bias"])
    #expect(found.file.entries.count == 3)
    #expect(found.notes == ["taken from \"\(key)\"; 1 tensors outside of it are left out"])
  }

  @Test func nested() throws {
    let found = try read(P.dictionary([("model", P.dictionary([("state_dict", Self.network)]))]))
    #expect(found.items.map(\.name) == ["a.weight", "a.bias"])
    #expect(found.notes == ["taken from \"model.state_dict\""])
  }

  @Test func anyOtherKeyThatIsAlone() throws {
    let found = try read(P.dictionary([("step", P.integer(1)), ("weights", Self.network)]))
    #expect(found.items.map(\.name) == ["a.weight", "a.bias"])
    #expect(found.notes == ["taken from \"weights\""])
  }

  @Test func severalAreKeptApart() throws {
    let found = try read(P.dictionary([("ema", Self.network), ("raw", Self.network)]))
    #expect(
      found.items.map(\.name) == ["ema.a.weight", "ema.a.bias", "raw.a.weight", "raw.a.bias"])
    #expect(found.notes == [])
  }

  @Test func wrappers() throws {
    let wrapped = P.orderedDictionary([
      ("_orig_mod.module.a.weight", Self.weight), ("_orig_mod.module.a.bias", Self.weight),
    ])
    let found = try read(P.dictionary([("state_dict", wrapped)]))
    #expect(found.items.map(\.name) == ["a.weight", "a.bias"])
    #expect(
      found.notes == [
        "taken from \"state_dict\"", "every name starts with \"_orig_mod.\", which is taken off",
        "every name starts with \"module.\", which is taken off",
      ])
    let mixed = try read(
      P.dictionary([("module.a", Self.weight), ("b", Self.weight)]))
    #expect(mixed.items.map(\.name) == ["module.a", "b"])
    #expect(mixed.notes == [])
  }

  @Test func safetensorsToo() throws {
    let folder = try TemporaryFolder()
    let tensor = StoredTensor(HostTensor(name: "module.w", shape: [1], values: [2]))
    try SafetensorsFile(tensors: [tensor]).write(to: folder["f"])
    let found = StateDict(try openWeightFile(folder["f"]))
    #expect(found.file.format == "safetensors")
    #expect(found.items.map(\.name) == ["w"])
    #expect(try found.file.floats(found.items[0].entry).values == [2])
  }
}
