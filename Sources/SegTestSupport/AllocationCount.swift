import CSegTestSupport

/// Counts allocations (malloc and its kin) of all threads of the process.
///
/// Other tests run in the same process, so a count means something only in an exit test.
public enum AllocationCount {
  /// Whether this build can count, and a count says what a release build does: debug builds allocate where the
  /// optimiser would not, and sanitizers have their own malloc.
  public static var isMeaningful: Bool {
    #if DEBUG
      false
    #else
      st_can_count_allocations() != 0
    #endif
  }

  /// Allocations while `body` runs.
  public static func during(_ body: () throws -> Void) rethrows -> Int {
    st_start_counting_allocations()
    defer { _ = st_stop_counting_allocations() }
    try body()
    return st_stop_counting_allocations()
  }

  /// Sizes and code addresses of the first few allocations counted last, for messages.
  public static var sites: String {
    (0..<8).compactMap { index in
      var bytes = 0
      guard let site = st_allocation_site(index, &bytes) else { return nil }
      return "\(bytes) bytes at \(site)"
    }.joined(separator: ", ")
  }
}
