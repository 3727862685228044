extension PickleHeap {
  /// What calling `callable` would make, put together from the arguments alone.
  mutating func result(
    of callable: PickleValue, _ arguments: PickleValue
  ) throws(PickleProblem) -> PickleValue {
    guard let items = items(arguments) else {
      throw PickleProblem(text: "expected the arguments of a call as a tuple")
    }
    switch callable {
    case .callable(.orderedDictionary): return try orderedDictionary(items)
    case .callable(.tensor): return try tensor(items, dtype: nil)
    case .callable(.typedTensor):
      guard items.count >= 7, case .callable(.dtype(let dtype)) = items[6] else { return .inert }
      return try tensor(items, dtype: dtype)
    case .callable(.parameter):
      guard let first = items.first else { throw PickleProblem(text: "a parameter has no tensor") }
      return first
    case .callable(.size): return items.first ?? add([])
    case .callable(.dtype), .callable(.storage): return .inert
    case .callable(.unknown(let name)):
      // The list is for a message; what is met often comes early.
      let plain = Self.plain(name)
      if unknownNames.count < 32, !unknownNames.contains(plain) { unknownNames.append(plain) }
      return add(Object(className: name))
    case .object, .inert: return .inert
    default: throw PickleProblem(text: "it calls something that is neither function nor class")
    }
  }

  /// A name that can be printed.
  private static func plain(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.prefix(80).map { $0.value > 0x20 && $0.value != 0x7F ? $0 : "?" }))
  }

  /// Python 2 gave the pairs as an argument, all others set them afterwards.
  private mutating func orderedDictionary(
    _ items: [PickleValue]
  ) throws(PickleProblem) -> PickleValue {
    let dictionary = addDictionary()
    guard let first = items.first else { return dictionary }
    guard case .dictionary(let index) = dictionary, let pairs = self.items(first) else {
      throw PickleProblem(text: "expected the items of an ordered dictionary as a list")
    }
    copies += pairs.count
    guard copies <= Self.maximalCopies else {
      throw PickleProblem(text: "expected at most \(Self.maximalCopies) items in all")
    }
    for pair in pairs {
      guard let pair = self.items(pair), pair.count == 2 else {
        throw PickleProblem(text: "expected pairs of key and value in an ordered dictionary")
      }
      dictionaries[index].append((pair[0], pair[1]))
    }
    return dictionary
  }

  private mutating func tensor(
    _ items: [PickleValue], dtype: StoredDType?
  ) throws(PickleProblem) -> PickleValue {
    guard items.count >= 4 else {
      throw PickleProblem(text: "a tensor needs storage, offset, shape and strides")
    }
    // Of a kind that is not known here, e.g. complex numbers of 128 bits.
    guard case .storage(let index) = items[0] else { return .inert }
    let limit = TorchTensor.maximalRank
    guard case .integer(let offset) = items[1], let shape = integers(items[2], limit: limit),
      let strides = integers(items[3], limit: limit)
    else {
      throw PickleProblem(
        text: "expected a tensor's offset, shape and strides as numbers, at most \(limit) axes")
    }
    var storage = storages[index]
    if let dtype {
      // Counted in bytes, since such a storage does not know its type.
      storage.count = storage.count / (dtype.bits / 8)
      storage.dtype = dtype
    }
    let (start, overflow) = storage.start.addingReportingOverflow(offset)
    if offset < 0 || overflow { throw PickleProblem(text: "a tensor's offset is \(offset)") }
    if let problem = TorchTensor.problem(storage, offset: start, shape: shape, strides: strides) {
      throw PickleProblem(text: problem)
    }
    guard tensors.count < Self.maximalTensors else {
      throw PickleProblem(text: "expected at most \(Self.maximalTensors) tensors")
    }
    tensors.append(
      TorchTensor(storage: storage, offset: start, shape: Shape(shape), strides: strides))
    return .tensor(tensors.count - 1)
  }

  /// `("storage", class, key, device, count)`, in legacy files followed by nil or `(view, start, count)`.
  mutating func storage(named name: PickleValue) throws(PickleProblem) -> PickleValue {
    guard let items = items(name), items.count >= 5, case .text("storage") = items[0],
      case .callable(let callable) = items[1], case .text(let key) = items[2],
      case .integer(let count) = items[4]
    else { throw PickleProblem(text: "expected the description of a storage") }
    guard case .storage(let dtype) = callable else { return .inert }
    let known = dtype ?? .u8
    guard count >= 0, known.byteCount(of: [count]) != nil else {
      throw PickleProblem(text: "a storage of \(count) elements cannot be")
    }
    var storage = TorchStorage(key: key, dtype: known, count: count)
    if items.count >= 6, let view = self.items(items[5]) {
      guard view.count == 3, case .integer(let start) = view[1], case .integer(let size) = view[2],
        start >= 0, size >= 0, start <= count, size <= count - start
      else { throw PickleProblem(text: "a view does not fit its storage of \(count) elements") }
      storage.start = start
    }
    storages.append(storage)
    return .storage(storages.count - 1)
  }
}
