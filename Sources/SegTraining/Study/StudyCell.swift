public import SegCore

/// One run of a study: a loss on a network and a data set with a seed.
public struct StudyCell: Sendable {
  /// The folder below the study's: `camvid.fcn.recall.seed1`.
  public var name: String
  public var path: String
  /// Names of the entries; `nil` where the study does not vary it.
  public var dataSet, model: String?
  public var loss: String
  public var seed: Int
  public var loaded: LoadedConfig

  /// Whether `--only name` means this cell.
  func isMeant(by name: String) -> Bool {
    [self.name, loss, dataSet, model].contains(name)
  }
}

/// A study read and checked: every run it is made of, in the order in which they are run.
public struct Study: Sendable {
  public let config: StudyConfig
  /// All keys with the values used.
  public let resolved: JSONValue
  public let path: String
  /// All losses with the first seed come first, so that a complete comparison is there early.
  public let cells: [StudyCell]

  /// Reads a study's file and decodes the config of every run.
  ///
  /// - Parameters:
  ///   - directory: the study's folder; `nil`: `studies/<name>`.
  ///   - overrides: `a.b=value`, laid over every run's config after everything else.
  /// - Throws: `Failure` with every problem found, of the study and of its runs' configs.
  public init(
    path file: String, directory: String? = nil, overrides: [String] = []
  ) throws(Failure) {
    let stem = RunConfig.defaultName(file, else: "study")
    let document = try ConfigDocument(path: file)
    let (config, resolved) = try document.decode { StudyConfig($0, defaultName: stem) }
    self.config = config
    self.resolved = resolved
    let path = directory ?? FilePath.join("studies", config.name)
    self.path = path
    let base = try Self.base(config.base, study: file)

    var cells: [StudyCell] = []
    var problems: [(text: String, cells: [String])] = []
    for seed in config.seeds {
      for dataSet in Self.entries(config.dataSets) {
        for model in Self.entries(config.models) {
          for loss in config.losses {
            let entries = [dataSet, model, loss].compactMap { $0 }
            let name = (entries.map(\.folderName) + ["seed\(seed)"]).joined(separator: ".")
            do throws(Failure) {
              let loaded = try Self.decode(base, entries, seed, name, overrides)
              cells.append(
                StudyCell(
                  name: name, path: FilePath.join(path, name), dataSet: dataSet?.name,
                  model: model?.name, loss: loss.name, seed: seed, loaded: loaded))
            } catch {
              // Most mistakes are those of many cells: told once.
              if let index = problems.firstIndex(where: { $0.text == error.description }) {
                problems[index].cells.append(name)
              } else {
                problems.append((error.description, [name]))
              }
            }
          }
        }
      }
    }
    guard problems.isEmpty else {
      let lines = problems.prefix(5).map { problem in
        let others = problem.cells.count - 1
        let more = others == 0 ? "" : " and \(others) other\(others == 1 ? "" : "s")"
        return "in the config of \(problem.cells[0])\(more):\n\(problem.text)"
      }
      throw Failure(.badConfig, file, lines.joined(separator: "\n"))
    }
    self.cells = cells
  }

  /// An axis that is not varied has one value without a name.
  private static func entries(_ entries: [StudyEntry]) -> [StudyEntry?] {
    entries.isEmpty ? [nil] : entries
  }

  private static func base(
    _ base: StudyConfig.Base, study file: String
  ) throws(Failure) -> ConfigDocument {
    switch base {
    case .inline(let fragment): return ConfigDocument(fragment)
    case .file(let name):
      let path = FilePath.join(FilePath.parent(of: file), name)
      guard FileSystem.kind(of: path) != nil else {
        throw Failure(
          .inputMissing, file, "base: expected a run config, found no file \(path)",
          hint: "a path is taken from the folder of the study's file")
      }
      return try ConfigDocument(path: path)
    }
  }

  private static func decode(
    _ base: ConfigDocument, _ entries: [StudyEntry], _ seed: Int, _ name: String,
    _ overrides: [String]
  ) throws(Failure) -> LoadedConfig {
    var document = base
    for entry in entries {
      document.merge(entry.config)
      for override in entry.overrides { document.set(override) }
    }
    for override in overrides { document.set(override) }
    document.set("seed=\(seed)")
    document.set("name=\(JSONValue.string(String(name.prefix(100))).compact)")
    return try RunConfig.decode(document, name: name)
  }

  /// The JSON Schema (draft 2020-12) of study files.
  public static func schema() -> JSONValue {
    ConfigSection.schema(title: "segtrain study") { StudyConfig($0) }
  }
}
