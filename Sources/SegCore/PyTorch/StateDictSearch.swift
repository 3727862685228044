/// Finds the tensors among what a pickle made, names them by the way to them, and finds the state dict.
struct StateDictSearch {
  struct Found {
    var name: String
    var tensor: TorchTensor
  }

  private let heap: PickleHeap
  private(set) var found: [Found] = []
  private var visits = 0

  /// Where a file is nothing but a tensor.
  static let rootName = "<root>"
  static let maximalDepth = 64
  static let maximalVisits = 1_000_000
  static let maximalTensors = 30_000
  static let maximalName = 256
  /// Keys under which training scripts keep the network beside other things, the usual ones first.
  static let usualKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module",
  ]

  /// - Throws: `PickleProblem` where limits are reached or two tensors have one name.
  init(_ heap: PickleHeap, root: PickleValue) throws(PickleProblem) {
    self.heap = heap
    try visit(root, name: "", depth: 0)
    var names = Set<String>()
    for item in found where !names.insert(item.name).inserted {
      throw PickleProblem(text: "two tensors are called \(shown(item.name))")
    }
  }

  private mutating func visit(
    _ value: PickleValue, name: String, depth: Int
  ) throws(PickleProblem) {
    visits += 1 + count(value)
    guard visits <= Self.maximalVisits, depth <= Self.maximalDepth else {
      throw PickleProblem(text: "nested too deeply or too often for a state dict")
    }
    if case .tensor(let index) = value {
      let name = name.isEmpty ? Self.rootName : name
      guard name.utf8.count <= Self.maximalName, found.count < Self.maximalTensors else {
        throw PickleProblem(
          text: "expected at most \(Self.maximalTensors) tensors with names of at most "
            + "\(Self.maximalName) bytes, found \(shown(name))")
      }
      found.append(Found(name: name, tensor: heap.tensors[index]))
      return
    }
    for (key, child) in children(of: value) {
      let path = key.isEmpty ? name : name.isEmpty ? key : "\(name).\(key)"
      // What has so long a name is wanted by nobody; building longer ones would take time and memory.
      guard path.utf8.count <= 2 * Self.maximalName else { continue }
      try visit(child, name: path, depth: depth + 1)
    }
  }

  private func count(_ value: PickleValue) -> Int {
    switch value {
    case .sequence(let index): heap.sequences[index].count
    case .dictionary(let index): heap.dictionaries[index].count
    case .object(let index): 1 + attributeCount(heap.objects[index].state)
    default: 0
    }
  }

  private func attributeCount(_ state: PickleValue) -> Int {
    if case .dictionary(let index) = state { heap.dictionaries[index].count } else { 0 }
  }

  /// What lies in a container, by name; an empty name for what adds nothing to it.
  private func children(of value: PickleValue) -> [(String, PickleValue)] {
    switch value {
    case .sequence(let index):
      return heap.sequences[index].enumerated().map { (String($0), $1) }
    case .dictionary(let index):
      return Self.latest(heap.dictionaries[index])
    case .object(let index):
      return attributes(heap.objects[index].state)
    default: return []
    }
  }

  /// Attributes of an object. A module keeps parameters, buffers and modules in dictionaries that are no
  /// part of the names `state_dict()` gives.
  private func attributes(_ state: PickleValue) -> [(String, PickleValue)] {
    guard case .dictionary(let index) = state else { return [] }
    let fields = Self.latest(heap.dictionaries[index])
    let parts = ["_parameters", "_buffers", "_modules"].compactMap { name in
      fields.first { $0.0 == name }.map { ("", $0.1) }
    }
    return parts.isEmpty ? fields : parts
  }

  /// Items with text or whole numbers as keys; of one key the last value, as Python has it.
  private static func latest(
    _ items: [(key: PickleValue, value: PickleValue)]
  ) -> [(String, PickleValue)] {
    var indices: [String: Int] = [:]
    var latest: [(String, PickleValue)] = []
    for (key, value) in items {
      let name: String
      switch key {
      case .text(let text): name = text
      case .integer(let number): name = String(number)
      default: continue
      }
      if let index = indices[name] {
        latest[index].1 = value
      } else {
        indices[name] = latest.count
        latest.append((name, value))
      }
    }
    return latest
  }

  // MARK: The state dict

  /// The way to the network's own tensors, as the start of their names: empty, or with a dot at the end.
  func container(_ root: PickleValue) -> String {
    var (node, prefix) = (root, "")
    for _ in 0..<4 {
      guard let (key, child) = container(in: node, prefix) else { break }
      prefix += key + "."
      node = child
    }
    return prefix
  }

  private func container(
    in node: PickleValue, _ prefix: String
  ) -> (String, PickleValue)? {
    guard case .dictionary(let index) = node else { return nil }
    let items = Self.latest(heap.dictionaries[index])
    for key in Self.usualKeys {
      if let item = items.first(where: { $0.0 == key }), isContainer(item.1, prefix + key + ".") {
        return item
      }
    }
    // Any other name, where nothing else holds tensors.
    guard items.count <= 64, !items.contains(where: { isTensor($0.1) }) else { return nil }
    let holding = items.filter { isContainer($0.1, prefix + $0.0 + ".") }
    return holding.count == 1 ? holding[0] : nil
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    if case .tensor = value { true } else { false }
  }

  private func isContainer(_ value: PickleValue, _ prefix: String) -> Bool {
    switch value {
    case .dictionary, .object: found.contains { $0.name.hasPrefix(prefix) }
    default: false
    }
  }
}
