/// A text configuration values come from: the file, or one `--set a.b=value`.
struct ConfigSource: Sendable {
  var text: JSONText
  /// `a.b` of an override; `nil` for the file.
  var override: String?
  /// Why the override's value was taken as text, where it looks as if JSON was meant.
  var note: String?

  /// `file:line:column`, or the override by name.
  func place(of offset: Int) -> String {
    override.map { "--set \($0)" } ?? text.place(of: offset)
  }
}

/// One mistake in a configuration.
struct ConfigProblem: Sendable {
  var place: JSONPlace
  /// Dotted path of the key.
  var path: String
  /// What was expected and what was found.
  var text: String
  var hint: String?
}

extension ConfigProblem {
  /// More than these are counted, not listed.
  static let listed = 50

  /// All problems as one failure, in the order of the file, overrides last.
  static func failure(_ problems: [ConfigProblem], _ sources: [ConfigSource]) -> Failure {
    let order = problems.indices.sorted {
      (problems[$0].place, $0) < (problems[$1].place, $1)
    }
    let failures = order.prefix(listed).map { problems[$0].failure(sources) }
    if let only = failures.first, problems.count == 1 { return only }
    var lines = failures.map(\.description)
    if problems.count > listed { lines.append("… and \(problems.count - listed) more problems") }
    return Failure(.badConfig, "", lines.joined(separator: "\n"))
  }

  private func failure(_ sources: [ConfigSource]) -> Failure {
    let source = sources[place.source]
    let showsPath = !path.isEmpty && path != source.override
    return Failure(
      .badConfig, source.place(of: place.offset), showsPath ? "\(path): \(text)" : text, hint: hint)
  }
}
