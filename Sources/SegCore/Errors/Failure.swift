/// How a command ends; the numbers are part of the public contract (sysexits.h where it has one).
public enum ExitStatus: Int32, Sendable {
  case usage = 64
  case badData = 65
  case inputMissing = 66
  case `internal` = 70
  case io = 74
  case stoppedEarly = 75
  case diverged = 76
  case badConfig = 78
}

/// An error a user can act on: where, what was wrong, and what to do.
public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  public var status: ExitStatus
  /// File, `file:line:column`, configuration path or module path.
  public var place: String
  /// What was expected and what was found, with values.
  public var problem: String
  /// What to do about it.
  public var hint: String?

  public init(_ status: ExitStatus, _ place: String, _ problem: String, hint: String? = nil) {
    self.status = status
    self.place = place
    self.problem = problem
    self.hint = hint
  }

  public var description: String {
    let head = place.isEmpty ? problem : "\(place): \(problem)"
    return hint.map { "\(head)\n  hint: \($0)" } ?? head
  }
}

/// A mistake in how operations or modules are put together, found while tracing.
public struct ShapeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Module path, e.g. `backbone.layer3.0.conv2`; filled in by the graph.
  public var path: String
  /// Name of the operation, e.g. `conv2d`.
  public var op: String
  public var message: String

  public init(op: String, _ message: String, path: String = "") {
    self.path = path
    self.op = op
    self.message = message
  }

  public var description: String {
    path.isEmpty ? "\(op): \(message)" : "\(path): \(op): \(message)"
  }
}
