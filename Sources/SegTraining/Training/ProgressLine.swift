import Glibc
import SegCore

/// What a person sees while training: one live line on a terminal, a plain line now and then in a file.
public final class ProgressLine {
  private let isTerminal: Bool
  private let isQuiet: Bool
  private var isLive = false

  public init(quiet: Bool) {
    isQuiet = quiet
    isTerminal = isatty(STDERR_FILENO) != 0
  }

  /// A line that stays.
  public func note(_ text: String) {
    guard !isQuiet else { return }
    endLive()
    write(text + "\n")
  }

  /// A warning or an error: shown even when quiet.
  public func warn(_ text: String) {
    endLive()
    write(text + "\n")
  }

  /// Shows `text` in place of what the live line showed; off a terminal only where it is `lasting`.
  public func update(_ text: String, lasting: Bool) {
    guard !isQuiet else { return }
    if isTerminal {
      write("\r\u{1B}[K" + text)
      isLive = true
    } else if lasting {
      write(text + "\n")
    }
  }

  public func endLive() {
    if isLive { write("\n") }
    isLive = false
  }

  private func write(_ text: String) {
    // Progress that nobody can read is no reason to stop.
    try? StandardStream.error.write(text)
  }
}

/// Seconds as `1:02:03` or `2:03`.
func clockText(_ seconds: Double) -> String {
  let total = Int(max(0, seconds.isFinite ? seconds : 0).rounded())
  let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
}

/// A number with `decimals` places.
func fixed(_ value: Double, _ decimals: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  guard decimals > 0 else { return sign + padded }
  return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// A learning rate as `1.0e-03`.
func scientific(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return "\(value)" }
  var exponent = Int(log10(abs(value)).rounded(.down))
  var mantissa = value / pow(10, Double(exponent))
  if fixed(abs(mantissa), 1) == "10.0" {
    mantissa /= 10
    exponent += 1
  }
  let size = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
  return "\(fixed(mantissa, 1))e\(exponent < 0 ? "-" : "+")\(size)"
}
