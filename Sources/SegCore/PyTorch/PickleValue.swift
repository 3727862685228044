/// What a pickle can stand for here: plain data, tensors, and things that are only remembered by name.
///
/// Containers live in a `PickleHeap` and are named by their index, so that a list that holds itself
/// keeps nothing alive and is never copied.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// A whole number beyond 64 bits, little-endian two's complement.
  case long([UInt8])
  /// Bytes, sets and what came of calls that are not made here.
  case inert
  /// A tuple or list.
  case sequence(Int)
  case dictionary(Int)
  /// An instance of a class that is not known; nothing of it was run.
  case object(Int)
  case callable(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// Everything a pickle made, in the order it was made.
struct PickleHeap: Sendable {
  struct Object: Sendable {
    var className: String
    /// What the class would have been given as its attributes.
    var state = PickleValue.none
  }

  var sequences: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var objects: [Object] = []
  var storages: [TorchStorage] = []
  var tensors: [TorchTensor] = []
  /// Items copied from one container to another, which costs no value of its own.
  var copies = 0
  static let maximalCopies = 500_000
  static let maximalTensors = 30_000
  /// Globals that are not known, by the order in which they were met.
  var unknownNames: [String] = []

  mutating func add(_ items: [PickleValue]) -> PickleValue {
    sequences.append(items)
    return .sequence(sequences.count - 1)
  }

  mutating func addDictionary() -> PickleValue {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  mutating func add(_ object: Object) -> PickleValue {
    objects.append(object)
    return .object(objects.count - 1)
  }

  func items(_ value: PickleValue) -> [PickleValue]? {
    if case .sequence(let index) = value { sequences[index] } else { nil }
  }

  /// The numbers of a tuple or list of at most `limit` whole numbers.
  func integers(_ value: PickleValue, limit: Int) -> [Int]? {
    guard let items = items(value), items.count <= limit else { return nil }
    var found: [Int] = []
    for item in items {
      guard case .integer(let number) = item else { return nil }
      found.append(number)
    }
    return found
  }
}

/// What is wrong with a call, without the place.
struct PickleProblem: Error {
  var text: String
}

extension PickleValue {
  /// A whole number of any length, little-endian.
  init(twosComplement bytes: [UInt8]) {
    guard bytes.count <= 8 else {
      self = .long(bytes)
      return
    }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    let bits = bytes.reversed().reduce(isNegative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
    self = .integer(Int(Int64(bitPattern: bits)))
  }
}
