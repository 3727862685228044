/// What each instruction does.
extension PickleMachine {
  /// - Returns: false for an instruction that is not on the list.
  mutating func step(_ code: UInt8) throws(Failure) -> Bool {
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
}
