import Glibc

/// The time of day, for logs only; a test puts its own in.
public struct RunClock: Sendable {
  let now: @Sendable () -> Double

  /// - Parameter now: seconds since 1970-01-01 00:00 UTC.
  public init(_ now: @escaping @Sendable () -> Double) { self.now = now }

  public static let system = RunClock {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// `2026-01-31T23:59:59Z`.
  var stamp: String {
    var seconds = time_t(now().rounded(.down))
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func pad(_ value: Int32, _ width: Int = 2) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(pad(parts.tm_year + 1900, 4))-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday))"
      + "T\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))Z"
  }
}
