public import Glibc
public import SegCore
import Synchronization

/// Makes the `k`-th call that changes the disk fail, and with `dead` all calls after it too: the disk is
/// then as a process leaves it that is killed at that point.
public final class FaultyDisk: Sendable {
  private let count = Atomic<Int>(0)
  private let failing: Int?
  private let code: Int32
  private let dead: Bool

  public init(failing: Int? = nil, code: Int32 = ENOSPC, dead: Bool = false) {
    self.failing = failing
    self.code = code
    self.dead = dead
  }

  /// How many calls there were.
  public var calls: Int { count.load(ordering: .relaxed) }

  public var fileSystem: FileSystem {
    FileSystem { [self] _, _ in
      let number = count.add(1, ordering: .relaxed).oldValue
      guard let failing else { return nil }
      return number == failing || (dead && number > failing) ? code : nil
    }
  }
}
