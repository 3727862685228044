extension PickleMachine {
  /// Adds items to the list on top of the stack.
  mutating func append(_ items: [PickleValue]) throws(Failure) {
    switch try top() {
    case .sequence(let index): heap.sequences[index] += items
    case .object, .inert: break
    default: throw failure("it appends to something that is no list")
    }
  }

  /// Sets keys and values, one after the other, in a dictionary.
  mutating func set(
    _ items: [PickleValue], in target: PickleValue
  ) throws(Failure) {
    guard items.count % 2 == 0 else { throw failure("expected a value for every key") }
    switch target {
    case .dictionary(let index):
      for start in stride(from: 0, to: items.count, by: 2) {
        heap.dictionaries[index].append((items[start], items[start + 1]))
      }
    case .object, .inert: break
    default: throw failure("it sets items of something that is no dictionary")
    }
  }
}
