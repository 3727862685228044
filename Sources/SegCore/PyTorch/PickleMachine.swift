/// Reads one pickle by a closed list of instructions. Nothing is imported, called or run: what the pickle
/// wants to call is looked up in `PickleGlobal` and stands for plain data or for nothing.
///
/// Source: the description of the instructions in CPython's `pickletools`, protocols 2 to 5.
struct PickleMachine {
  private var reader: ByteReader
  var heap = PickleHeap()
  var stack: [PickleValue] = []
  /// Heights of the stack at which groups of items begin.
  var marks: [Int] = []
  private var memo: [UInt32: PickleValue] = [:]
  private var instructions = 0
  private var pushes = 0

  /// Values made: a state dict of a thousand tensors needs thirty thousand.
  static let maximalPushes = 500_000
  static let maximalInstructions = 4_000_000
  static let maximalMemo = 250_000
  static let maximalName = 512

  init(_ reader: ByteReader) { self.reader = reader }

  /// Offset of the next byte, behind the pickle once it has been read.
  var position: Int { reader.position }

  /// Reads up to and with the STOP instruction.
  ///
  /// - Throws: `.badData` that names the byte, for every instruction that is not on the list, and where
  ///   one of the limits is reached.
  mutating func run() throws(Failure) -> PickleValue {
    while true {
      instructions += 1
      guard instructions <= Self.maximalInstructions else {
        throw failure("expected at most \(Self.maximalInstructions) instructions")
      }
      let start = reader.position
      let code = try reader.byte()
      if code == UInt8(ascii: ".") { return try pop() }
      guard try step(code) else {
        let hex = String(code, radix: 16)
        throw reader.failure(
          "the instruction 0x\(hex) is not one of those that state dicts need", at: start)
      }
    }
  }

  /// - Returns: false for an instruction that is not on the list.
  private mutating func step(_ code: UInt8) throws(Failure) -> Bool {
    switch code {
    case 0x80: try checkProtocol()
    case 0x95: try reader.skip(8)  // FRAME: a length that is only of use to streams
    case UInt8(ascii: "("): try mark()
    case UInt8(ascii: "0"): _ = try pop()
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): try push(try top())
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))
    case UInt8(ascii: "J"):
      try push(.integer(Int(Int32(bitPattern: try reader.number(UInt32.self)))))
    case UInt8(ascii: "K"): try push(.integer(Int(try reader.byte())))
    case UInt8(ascii: "M"): try push(.integer(Int(try reader.number(UInt16.self))))
    case 0x8A: try push(.init(twosComplement: try reader.bytes(Int(try reader.byte()))))
    case UInt8(ascii: "G"):
      // The only big-endian number.
      let bits = try reader.number(UInt64.self).byteSwapped
      try push(.number(Double(bitPattern: bits)))
    case 0x8C, UInt8(ascii: "U"): try push(.text(try text(Int(try reader.byte()))))
    case UInt8(ascii: "X"), UInt8(ascii: "T"):
      try push(.text(try text(Int(try reader.number(UInt32.self)))))
    case 0x8D: try push(.text(try text(try length())))
    case UInt8(ascii: "C"): try inertBytes(Int(try reader.byte()))
    case UInt8(ascii: "B"), 0x8B: try inertBytes(Int(try reader.number(UInt32.self)))
    case 0x8E, 0x96: try inertBytes(try length())
    default: return try stepOverValues(code)
    }
    return true
  }

  private mutating func stepOverValues(_ code: UInt8) throws(Failure) -> Bool {
    switch code {
    case UInt8(ascii: ")"), UInt8(ascii: "]"): try push(heap.add([]))
    case UInt8(ascii: "t"), UInt8(ascii: "l"): try push(heap.add(try popToMark()))
    case 0x85: try tuple(1)
    case 0x86: try tuple(2)
    case 0x87: try tuple(3)
    case UInt8(ascii: "}"): try push(heap.addDictionary())
    case UInt8(ascii: "d"):
      let items = try popToMark()
      let dictionary = heap.addDictionary()
      try set(items, in: dictionary)
      try push(dictionary)
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"):
      let (value, key) = (try pop(), try pop())
      try set([key, value], in: try top())
    case UInt8(ascii: "u"):
      let items = try popToMark()
      try set(items, in: try top())
    case 0x8F: try push(.inert)
    case 0x90: _ = try popToMark()
    case 0x91:
      _ = try popToMark()
      try push(.inert)
    case UInt8(ascii: "q"): try remember(UInt32(try reader.byte()))
    case UInt8(ascii: "r"): try remember(try reader.number())
    case 0x94: try remember(UInt32(memo.count))
    case UInt8(ascii: "h"): try recall(UInt32(try reader.byte()))
    case UInt8(ascii: "j"): try recall(try reader.number())
    default: return try stepOverCalls(code)
    }
    return true
  }

  private mutating func stepOverCalls(_ code: UInt8) throws(Failure) -> Bool {
    switch code {
    case UInt8(ascii: "c"):
      let module = try reader.line(limit: Self.maximalName)
      try pushGlobal(module, try reader.line(limit: Self.maximalName))
    case 0x93:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw failure("expected two names for a global")
      }
      try pushGlobal(module, name)
    case UInt8(ascii: "R"), 0x81:
      let (arguments, callable) = (try pop(), try pop())
      try push(try result(of: callable, arguments))
    case 0x92:
      _ = try pop()
      let (arguments, callable) = (try pop(), try pop())
      try push(try result(of: callable, arguments))
    case UInt8(ascii: "b"):
      let state = try pop()
      // Everything else keeps what it has: the state of an ordered dictionary is the versions of its modules.
      if case .object(let index) = try top() { heap.objects[index].state = state }
    case UInt8(ascii: "Q"):
      let name = try pop()
      try push(try storage(named: name))
    default: return false
    }
    return true
  }

  // MARK: Values

  private mutating func push(_ value: PickleValue) throws(Failure) {
    pushes += 1
    guard pushes <= Self.maximalPushes else {
      throw failure("expected at most \(Self.maximalPushes) values; this is no state dict")
    }
    stack.append(value)
  }

  func top() throws(Failure) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw failure("it takes a value where there is none")
    }
    return value
  }

  private mutating func pop() throws(Failure) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func mark() throws(Failure) {
    pushes += 1
    guard pushes <= Self.maximalPushes else {
      throw failure("expected at most \(Self.maximalPushes) values; this is no state dict")
    }
    marks.append(stack.count)
  }

  private mutating func popToMark() throws(Failure) -> [PickleValue] {
    guard let start = marks.popLast() else { throw failure("it ends a group that has no start") }
    defer { stack.removeLast(stack.count - start) }
    return Array(stack[start...])
  }

  private mutating func tuple(_ count: Int) throws(Failure) {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw failure("it takes \(count) values where there are fewer")
    }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(heap.add(items))
  }

  private mutating func remember(_ index: UInt32) throws(Failure) {
    memo[index] = try top()
    guard memo.count <= Self.maximalMemo else {
      throw failure("expected at most \(Self.maximalMemo) remembered values; this is no state dict")
    }
  }

  private mutating func recall(_ index: UInt32) throws(Failure) {
    guard let value = memo[index] else { throw failure("value \(index) was never remembered") }
    try push(value)
  }

  // MARK: Bytes

  private mutating func checkProtocol() throws(Failure) {
    let number = try reader.byte()
    guard (2...5).contains(number) else {
      throw failure("expected pickle protocol 2 to 5, found \(number)")
    }
  }

  private mutating func text(_ count: Int) throws(Failure) -> String {
    // Text of other kinds than names may hold anything, also halves of surrogate pairs.
    String(decoding: try reader.bytes(count), as: UTF8.self)
  }

  private mutating func length() throws(Failure) -> Int {
    let length: UInt64 = try reader.number()
    guard let count = Int(exactly: length) else {
      throw failure("expected \(length) more bytes: it is cut short")
    }
    return count
  }

  private mutating func inertBytes(_ count: Int) throws(Failure) {
    try reader.skip(count)
    try push(.inert)
  }

  // MARK: Calls that are not made

  private mutating func pushGlobal(_ module: String, _ name: String) throws(Failure) {
    guard module.utf8.count <= Self.maximalName, name.utf8.count <= Self.maximalName else {
      throw failure("expected names of at most \(Self.maximalName) bytes")
    }
    try push(.callable(PickleGlobal(module: module, name: name)))
  }

  private mutating func result(
    of callable: PickleValue, _ arguments: PickleValue
  ) throws(Failure) -> PickleValue {
    do throws(PickleProblem) {
      return try heap.result(of: callable, arguments)
    } catch {
      throw failure(error.text)
    }
  }

  private mutating func storage(named name: PickleValue) throws(Failure) -> PickleValue {
    do throws(PickleProblem) {
      return try heap.storage(named: name)
    } catch {
      throw failure(error.text)
    }
  }

  func failure(_ problem: String) -> Failure { reader.failure(problem) }
}
