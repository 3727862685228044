import SegCore
import SegTestSupport
import Testing

@Suite struct TorchFileTests {
  typealias P = PickleBytes

  /// Two parameters, one of them transposed, a view into the other's storage, a counter and a half.
  static let object = P.orderedDictionary([
    ("a.weight", P.tensor(P.storage("Float", "0", count: 6), [2, 3])),
    ("a.transposed", P.tensor(P.storage("Float", "0", count: 6), [3, 2], strides: [1, 3])),
    ("a.tail", P.tensor(P.storage("Float", "0", count: 6), offset: 4, [2])),
    ("a.count", P.tensor(P.storage("Long", "1", count: 1), [])),
    ("half", P.tensor(P.storage("Half", "2", count: 2), [2])),
    ("empty", P.tensor(P.storage("Float", "9", count: 0), [0, 4])),
  ])
  static let floats: [Float] = [1, 2, 3, 4, 5, 6]
  static let count = littleEndian(Int64(77))
  static let half = littleEndian(UInt16(0x3C00)) + littleEndian(UInt16(0xC000))

  static let zip = ZipBytes(
    pickle: P.document(object), storages: [("0", bytes(floats)), ("1", count), ("2", half)])
  static let legacy = legacyBytes(
    object: object,
    storages: [("0", 6, bytes(floats)), ("9", 0, []), ("1", 1, count), ("2", 2, half)])

  static func open(_ bytes: [UInt8], name: String = "f.pth") throws -> any WeightFile {
    let folder = try TemporaryFolder()
    try AtomicFile.write(bytes, to: folder[name])
    return try openWeightFile(folder[name])
  }

  static func refusal(_ bytes: [UInt8], name: String = "f.pth") throws -> Failure {
    let folder = try TemporaryFolder()
    try AtomicFile.write(bytes, to: folder[name])
    let error = failure { () throws(Failure) in _ = try openWeightFile(folder[name]) }
    #expect(error.status == .badData)
    #expect(error.place == folder[name])
    return error
  }

  @Test(arguments: ["PyTorch (zip)", "PyTorch (legacy)"])
  func reads(format: String) throws {
    let file = try Self.open(format == "PyTorch (zip)" ? Self.zip.bytes : Self.legacy)
    #expect(file.format == format)
    #expect(file.container == "")
    #expect(
      file.entries.map(\.name) == [
        "a.weight", "a.transposed", "a.tail", "a.count", "half", "empty",
      ])
    #expect(file.entries.map(\.dtype) == [.f32, .f32, .f32, .i64, .f16, .f32])
    #expect(file.entries.map(\.shape) == [[2, 3], [3, 2], [2], [], [2], [0, 4]])
    let values = try file.entries.map { try file.floats($0).values }
    #expect(values == [[1, 2, 3, 4, 5, 6], [1, 4, 2, 5, 3, 6], [5, 6], [77], [1, -2], []])
    let stored = try file.tensor(file.entries[1])
    #expect(stored.bytes == SegCoreTests.bytes([1, 4, 2, 5, 3, 6]))
    #expect(try file.tensor(file.entries[3]).integers() == [77])
  }

  @Test func viewsOfLegacyStorages() throws {
    let view = P.tuple([P.text("7"), P.integer(2), P.integer(3)])
    let object = P.dictionary([
      ("v", P.tensor(P.storage("Float", "0", count: 6, view: view), offset: 1, [2]))
    ])
    let file = try Self.open(legacyBytes(object: object, storages: [("0", 6, bytes(Self.floats))]))
    #expect(try file.floats(file.entries[0]).values == [4, 5])
  }

  /// What newer versions write for types that have no class of storages.
  @Test func typedTensors() throws {
    let untyped = P.tuple([
      P.text("storage"), P.global("torch.storage", "UntypedStorage"), P.text("0"), P.text("cpu"),
      P.integer(8),
    ])
    let tensor =
      P.global("torch._utils", "_rebuild_tensor_v3")
      + P.tuple([
        untyped + [UInt8(ascii: "Q")], P.integer(1), P.tuple([P.integer(3)]),
        P.tuple([P.integer(1)]), [0x89], P.orderedDictionary([]), P.global("torch", "uint16"),
      ]) + [UInt8(ascii: "R")]
    let zip = ZipBytes(
      pickle: P.document(P.dictionary([("t", tensor)])),
      storages: [("0", [1, 2, 3, 4].flatMap { littleEndian(UInt16($0)) })])
    let file = try Self.open(zip.bytes)
    #expect(file.entries[0].dtype == .u16)
    #expect(try file.tensor(file.entries[0]).integers() == [2, 3, 4])
  }

  /// A pickle that would run a command where it is unpickled by Python, beside a tensor.
  @Test func runsNothing() throws {
    let call =
      P.global("os", "system") + P.tuple([P.text("touch pwned")]) + [UInt8(ascii: "R")]
    let object = P.dictionary([
      ("evil", call), ("w", P.tensor(P.storage("Float", "0", count: 6), [6])),
    ])
    let file = try Self.open(
      ZipBytes(pickle: P.document(object), storages: [("0", bytes(Self.floats))]).bytes)
    #expect(file.entries.map(\.name) == ["w"])
    #expect(file.notes == ["no code of these is run, their tensors alone are read: os.system"])
  }

  /// `torch.save(model)`: parameters, buffers and modules of objects, under the names of `state_dict()`.
  @Test func wholeModules() throws {
    func module(_ name: String, _ fields: [(String, [UInt8])]) -> [UInt8] {
      P.global("torch.nn.modules", name) + [UInt8(ascii: ")"), 0x81]
        + P.dictionary(fields) + [UInt8(ascii: "b")]
    }
    let weight =
      P.global("torch._utils", "_rebuild_parameter")
      + P.tuple([P.tensor(P.storage("Float", "0", count: 6), [6]), [0x88], P.orderedDictionary([])])
      + [UInt8(ascii: "R")]
    let child = module(
      "Conv2d",
      [("_parameters", P.orderedDictionary([("weight", weight)])), ("stride", P.integer(1))])
    let object = module(
      "Net", [("training", [0x88]), ("_modules", P.orderedDictionary([("conv", child)]))])
    let file = try Self.open(
      ZipBytes(pickle: P.document(object), storages: [("0", bytes(Self.floats))]).bytes)
    #expect(file.entries.map(\.name) == ["conv.weight"])
    #expect(
      file.notes == [
        "no code of these is run, their tensors alone are read: torch.nn.modules.Net, torch.nn.modules.Conv2d"
      ])
  }

  @Test func onlyATensor() throws {
    let pickle = P.document(P.tensor(P.storage("Float", "0", count: 6), [6]))
    let file = try Self.open(
      ZipBytes(pickle: pickle, storages: [("0", bytes(Self.floats))]).bytes)
    #expect(file.entries.map(\.name) == ["<root>"])
  }

  /// Any file cut anywhere is refused, or its tensors are, and nothing else happens.
  @Test func cutShort() throws {
    let folder = try TemporaryFolder()
    for whole in [Self.zip.bytes, Self.legacy] {
      for count in 0..<whole.count {
        writeQuickly(Array(whole[..<count]), to: folder["f.pth"])
        let error = failure { () throws(Failure) in
          let file = try openWeightFile(folder["f.pth"])
          for entry in file.entries { _ = try file.tensor(entry) }
        }
        #expect(error.status == .badData, "\(count): \(error)")
      }
    }
  }

  /// Random damage is refused or accepted, and never ends the process.
  @Test func damage() throws {
    let folder = try TemporaryFolder()
    var accepted = 0
    for trial in 0..<3000 {
      var random = CounterRNG(seed: 11, stream: CounterRNG.stream("damage"), step: UInt64(trial))
      var bytes = trial % 2 == 0 ? Self.zip.bytes : Self.legacy
      for _ in 0..<random.integer(in: 1..<4) {
        let at = random.integer(in: 0..<bytes.count)
        switch random.integer(in: 0..<4) {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(UInt8(random.integer(in: 0..<256)), at: at)
        case 2: bytes[at] = UInt8(random.integer(in: 0..<256))
        default: bytes[at] = [0, 0xFF, 0x7F, 0x80][random.integer(in: 0..<4)]
        }
      }
      writeQuickly(bytes, to: folder["f.pth"])
      do throws(Failure) {
        let file = try openWeightFile(folder["f.pth"])
        accepted += 1
        for entry in file.entries { _ = try file.tensor(entry) }
      } catch {
        #expect(error.status == .badData)
      }
    }
    #expect(accepted > 150 && accepted < 2700, "\(accepted)")
  }
}
