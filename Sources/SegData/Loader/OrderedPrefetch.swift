internal import CSegImage
import Dispatch
internal import SegCore
import Synchronization

/// Computes elements 0, 1, 2, ... on worker threads, at most `depth` ahead, and hands them out in
/// order.
///
/// An element is a pure function of its number, so the number of workers never shows in the
/// results. Letting go of the last reference stops and joins the threads.
final class OrderedPrefetch<Element: Sendable> {
  private let shared: Shared
  private let threads: [WorkerThread]
  private let limit: Int
  private var position = 0

  /// - Parameters:
  ///   - limit: how many elements there are.
  ///   - workers: threads, at least 1.
  ///   - depth: elements computed ahead, at least one per worker.
  ///   - body: computes element `index`; called on any worker.
  init(
    limit: Int, workers: Int, depth: Int, body: @escaping @Sendable (_ index: Int) throws -> Element
  ) throws {
    si_keep_freed_memory()
    let shared = Shared(depth: max(depth, workers, 1), limit: limit)
    self.shared = shared
    self.limit = limit
    var threads = [WorkerThread]()
    for _ in 0..<max(workers, 1) {
      guard let thread = WorkerThread({ shared.work(body) }) else { break }
      threads.append(thread)
    }
    self.threads = threads
    guard !threads.isEmpty else { throw Failure(.io, "data loader", "cannot start a thread") }
  }

  deinit {
    shared.stop(threads.count)
    for thread in threads { thread.join() }
  }

  /// The next element, or nil after the last; waits for it when it is not ready.
  func next() throws -> Element? {
    guard position < limit else { return nil }
    let result = shared.take(position)
    position += 1
    return try result?.get()
  }
}

extension OrderedPrefetch {
  /// What owner and workers share: a ring of results and two kinds of semaphores.
  private final class Shared: Sendable {
    private struct State {
      var ring: [Result<Element, any Error>?]
      var claimed = 0
      var isStopped = false
    }

    private let state: Mutex<State>
    private let depth: Int
    private let limit: Int
    /// Counts ring places nobody has claimed. Created at 0 and raised, because libdispatch objects
    /// when a semaphore dies below its first value.
    private let free = DispatchSemaphore(value: 0)
    /// One for each ring place: its result is there.
    private let ready: [DispatchSemaphore]

    init(depth: Int, limit: Int) {
      self.depth = depth
      self.limit = limit
      state = Mutex(State(ring: Array(repeating: nil, count: depth)))
      ready = (0..<depth).map { _ in DispatchSemaphore(value: 0) }
      for _ in 0..<depth { free.signal() }
    }

    func work(_ body: (Int) throws -> Element) {
      while true {
        free.wait()
        let claim: Int? = state.withLock { state in
          guard !state.isStopped, state.claimed < limit else { return nil }
          state.claimed += 1
          return state.claimed - 1
        }
        guard let index = claim else { return }
        let result = Result { try body(index) }
        state.withLock { $0.ring[index % depth] = result }
        ready[index % depth].signal()
      }
    }

    func take(_ index: Int) -> Result<Element, any Error>? {
      let place = index % depth
      ready[place].wait()
      let result = state.withLock { state in
        let result = state.ring[place]
        state.ring[place] = nil
        return result
      }
      free.signal()
      return result
    }

    func stop(_ workers: Int) {
      state.withLock { $0.isStopped = true }
      for _ in 0..<workers { free.signal() }
    }
  }
}
