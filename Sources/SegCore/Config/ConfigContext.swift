/// What the sections of one decoding share.
final class ConfigContext {
  let sources: [ConfigSource]
  var problems: [ConfigProblem]
  /// Unknown keys; their hints need the whole outline, so they wait until everything is declared.
  var strays: [Stray] = []
  /// Every key declared, with the path of its section (array indexes left out).
  var outline: [(section: String, key: String)] = []

  init(sources: [ConfigSource] = [], problems: [ConfigProblem] = []) {
    self.sources = sources
    self.problems = problems
  }

  /// A key nobody declared.
  struct Stray {
    var place: JSONPlace
    var section: String
    var outlineSection: String
    var key: String
    /// What the key is called here, where other programs' names are known.
    var alias: String?
    /// Keys of the section.
    var known: [String]
    /// The key that chooses a kind (`type`) and the kind it chose.
    var choice: (key: String, kind: String)?
    /// Other kinds of the same section that have this key.
    var owners: [String]
  }

  /// Reports unknown keys with the nearest known one and the sections where the name is at home.
  func reportStrays(outline: [(section: String, key: String)]) {
    var homes: [String: [String]] = [:]
    for entry in outline where !homes[entry.key, default: []].contains(entry.section) {
      homes[entry.key, default: []].append(entry.section)
    }
    for (index, stray) in strays.enumerated() {
      guard index < ConfigProblem.listed else {
        // Not listed any more, only counted.
        let last = JSONPlace(source: Int.max, offset: 0)
        problems.append(ConfigProblem(place: last, path: "", text: ""))
        continue
      }
      var hints: [String] = []
      let name = MessageText.quoted(stray.key)
      if !stray.owners.isEmpty {
        hints.append("\(name) belongs to \(stray.choice?.key ?? "") \(Self.list(stray.owners))")
      }
      if let near = stray.alias ?? NearestKey.find(stray.key, in: stray.known) {
        hints.append("did you mean \"\(near)\"?")
      }
      let others = homes[stray.key, default: []].filter { $0 != stray.outlineSection }
      if stray.owners.isEmpty, !others.isEmpty {
        let places = others.map { $0.isEmpty ? "the top level" : $0 }
        hints.append("\(name) belongs to \(MessageText.alternatives(places))")
      }
      hints.append("known keys: " + stray.known.joined(separator: ", "))
      let hint = hints.dropFirst().reduce(hints[0]) { $0 + ($0.hasSuffix("?") ? " " : "; ") + $1 }
      let kind = stray.choice.map { " for \($0.key) \"\($0.kind)\"" } ?? ""
      problems.append(
        ConfigProblem(
          place: stray.place, path: MessageText.join(stray.section, stray.key),
          text: "expected a known key\(kind), found \(name)", hint: hint))
    }
    strays = []
  }

  private static func list(_ names: [String]) -> String {
    MessageText.alternatives(names.map { "\"\($0)\"" })
  }
}
