public import SegCore

extension DataCheck {
  /// `{ok, errors, warnings, splits: [{split, samples, errors, warnings}], problems: [...]}`.
  public var json: JSONValue {
    .fields([
      "ok": .bool(errors == 0), "errors": .integer(errors), "warnings": .integer(warnings),
      "splits": .array(
        samples.map { entry in
          let own = problems.filter { $0.split == entry.split }
          return .fields([
            "split": .string(entry.split), "samples": .integer(entry.count),
            "errors": .integer(own.count { $0.severity == .error }),
            "warnings": .integer(own.count { $0.severity == .warning }),
          ])
        }),
      "problems": .array(problems.map(\.json)),
    ])
  }

  /// For people: a line per split, its problems below, at most `limit` of each kind, and a verdict.
  public func text(limit: Int = 10) -> String {
    var lines: [String] = []
    for entry in samples {
      let own = problems.filter { $0.split == entry.split }
      lines.append(
        "\(entry.split): \(TextTable.number(entry.count, "sample")), \(Self.verdict(own))")
      for kind in DataProblem.Kind.allCases {
        let alike = own.filter { $0.kind == kind }
        var lastHint: String?
        for problem in alike.prefix(limit) {
          let place = problem.file.map { "\($0): " } ?? ""
          lines.append(
            "  \(problem.severity.rawValue): \(kind.rawValue): \(place)\(problem.message)")
          if let hint = problem.hint, hint != lastHint { lines.append("    hint: \(hint)") }
          lastHint = problem.hint
        }
        if alike.count > limit {
          lines.append("  ... and \(alike.count - limit) more of kind \(kind.rawValue)")
        }
      }
    }
    lines.append(problems.isEmpty ? "no problems found" : Self.verdict(problems) + " in all")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func verdict(_ problems: [DataProblem]) -> String {
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    if errors == 0 && warnings == 0 { return "no problems" }
    return "\(TextTable.number(errors, "error")), \(TextTable.number(warnings, "warning"))"
  }
}
