public import SegCore
public import Testing

/// The failure `body` throws; an issue where it throws none.
public func failure(
  _ location: SourceLocation = #_sourceLocation, of body: () throws(Failure) -> Void
) -> Failure {
  do throws(Failure) {
    try body()
  } catch {
    return error
  }
  Issue.record("expected a failure, there was none", sourceLocation: location)
  return Failure(.internal, "", "no failure")
}
