public import SegCore

/// A configuration and the document that gives it again.
public struct LoadedConfig: Sendable, Equatable {
  public var config: RunConfig
  /// All keys with the values used, in the order of the sections; what `runs/<name>/config.json` holds.
  public var resolved: JSONValue
}

extension RunConfig {
  /// Reads a configuration file.
  ///
  /// Relative paths in it (`data.root`, `model.weights`) are as seen from the current directory, not from
  /// the file.
  ///
  /// - Parameter overrides: `a.b=value`, as given to `--set`; later ones win.
  /// - Throws: `Failure`: missing or unreadable file, or bad config with every problem found.
  public static func load(path: String, overrides: [String] = []) throws(Failure) -> LoadedConfig {
    try decode(ConfigDocument(path: path, overrides: overrides), name: path)
  }

  /// Reads a configuration from memory; `name` stands for the file in messages.
  public static func load(
    bytes: [UInt8], name: String, overrides: [String] = []
  ) throws(Failure) -> LoadedConfig {
    try decode(ConfigDocument(bytes: bytes, name: name, overrides: overrides), name: name)
  }

  /// The JSON Schema (draft 2020-12) of configuration files.
  public static func schema() -> JSONValue {
    ConfigSection.schema(title: "segtrain run config") { RunConfig($0) }
  }

  private static let outline = ConfigOutline { RunConfig($0) }

  /// Decodes a document; `name` stands for its file.
  static func decode(
    _ document: ConfigDocument, name: String
  ) throws(Failure) -> LoadedConfig {
    let stem = defaultName(name)
    let (config, resolved) = try document.decode(outline: outline) {
      RunConfig($0, defaultName: stem)
    }
    return LoadedConfig(config: config, resolved: resolved)
  }

  /// `configs/camvid.json` gives `camvid`.
  static func defaultName(_ path: String, else fallback: String = "run") -> String {
    let file = path.split(separator: "/").last ?? ""
    let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? file
    return isName(String(stem)) ? String(stem) : fallback
  }
}
