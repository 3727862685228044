/// A configuration file with its overrides laid over it, not decoded yet.
public struct ConfigDocument: Sendable {
  var root: JSONNode
  /// The file, then the overrides in the order given.
  var sources: [ConfigSource]
  /// Repeated keys, malformed numbers and overrides that lead nowhere.
  var problems: [ConfigProblem] = []

  /// Reads a file.
  ///
  /// - Parameter overrides: texts `a.b=value`; later ones win (see `apply`).
  /// - Throws: `Failure`: file missing or unreadable, or bad config where its structure is broken.
  public init(path: String, overrides: [String] = []) throws(Failure) {
    let bytes = try ConfigFile.read(path, limit: JSONDialect.commented.size)
    try self.init(bytes: bytes, name: path, overrides: overrides)
  }

  /// Reads a text; `name` stands for the file in messages.
  public init(bytes: [UInt8], name: String, overrides: [String] = []) throws(Failure) {
    let text = JSONText(name: name, bytes: bytes)
    sources = [ConfigSource(text: text)]
    let (root, faults) = JSONParser.parse(text, dialect: .commented)
    problems = faults.map {
      let place = JSONPlace(offset: $0.offset)
      return ConfigProblem(place: place, path: $0.path, text: $0.problem, hint: $0.hint)
    }
    guard let root else { throw ConfigProblem.failure(problems, sources) }
    self.root = root
    for override in overrides { apply(override) }
  }

  /// Decodes the document with the declarations of `body`.
  ///
  /// - Parameter outline: of these declarations, where it is at hand; asked for at unknown keys.
  /// - Returns: the value, and the resolved document: all keys in the order of their declaration, defaults
  ///   filled in; decoding that again gives the same value.
  /// - Throws: `Failure` (bad config) that lists every problem.
  public func decode<T>(
    outline: @autoclosure () -> ConfigOutline? = nil, _ body: (ConfigSection) -> T
  ) throws(Failure) -> (value: T, resolved: JSONValue) {
    let context = ConfigContext(sources: sources, problems: problems)
    guard case .object = root.kind else {
      let cursor = ConfigValue(context: context, path: "", node: root, isSilent: false)
      cursor.reject("an object")
      throw ConfigProblem.failure(context.problems, sources)
    }
    let section = ConfigSection(context, path: "", outlinePath: "", node: root, at: root.place)
    let value = body(section)
    section.finish()
    if !context.strays.isEmpty {
      context.reportStrays(outline: (outline() ?? ConfigOutline(body)).keys)
    }
    guard context.problems.isEmpty else {
      throw ConfigProblem.failure(context.problems, sources)
    }
    return (value, section.resolved)
  }
}

/// Every key that declarations know, with the path of its section.
public struct ConfigOutline: Sendable {
  let keys: [(section: String, key: String)]

  public init<T>(_ body: (ConfigSection) -> T) {
    keys = ConfigSection.record(body).context.outline
  }
}
