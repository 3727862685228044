/// Reads one pickle by a closed list of instructions. Nothing is imported, called or run: what the pickle
/// wants to call is looked up in `PickleGlobal` and stands for plain data or for nothing.
///
/// Source: the description of the instructions in CPython's `pickletools`, protocols 2 to 5.
struct PickleMachine {
  var reader: ByteReader
  var heap = PickleHeap()
  var stack: [PickleValue] = []
  /// Heights of the stack at which groups of items begin.
  var marks: [Int] = []
  private(set) var memo: [UInt32: PickleValue] = [:]
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

  // MARK: Stack and memo

  mutating func push(_ value: PickleValue) throws(Failure) {
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

  mutating func pop() throws(Failure) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  mutating func mark() throws(Failure) {
    pushes += 1
    guard pushes <= Self.maximalPushes else {
      throw failure("expected at most \(Self.maximalPushes) values; this is no state dict")
    }
    marks.append(stack.count)
  }

  mutating func popToMark() throws(Failure) -> [PickleValue] {
    guard let start = marks.popLast() else { throw failure("it ends a group that has no start") }
    defer { stack.removeLast(stack.count - start) }
    return Array(stack[start...])
  }

  mutating func tuple(_ count: Int) throws(Failure) {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw failure("it takes \(count) values where there are fewer")
    }
    let items = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(heap.add(items))
  }

  mutating func remember(_ index: UInt32) throws(Failure) {
    memo[index] = try top()
    guard memo.count <= Self.maximalMemo else {
      throw failure("expected at most \(Self.maximalMemo) remembered values; this is no state dict")
    }
  }

  mutating func recall(_ index: UInt32) throws(Failure) {
    guard let value = memo[index] else { throw failure("value \(index) was never remembered") }
    try push(value)
  }

  func failure(_ problem: String) -> Failure { reader.failure(problem) }
}
