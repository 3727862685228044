internal import SegCore

/// Images and masks of one folder each, divided among splits; what list files of layout `folders` are made from.
public struct DataSplit: Sendable, Equatable {
  /// Names of the splits, in the order of the ratios.
  public static let names = ["train", "val", "test"]

  /// Which samples stay together, by their names without folder, ending and pattern.
  public enum Grouping: Sendable, Equatable {
    /// Those that begin with the same characters, so many.
    case prefix(Int)
    /// Those whose names are equal up to the first of these.
    case separator(String)
  }

  public struct Options: Sendable, Equatable {
    /// Shares of the images in the order of `names`; two or three that add up to 1.
    public var ratios = [0.7, 0.1, 0.2]
    public var seed: UInt64 = 0
    public var grouping: Grouping?
    /// Whether the images of each class are spread over the splits.
    public var isStratified = false

    public init() {}
  }

  /// One split.
  public struct Part: Sendable, Equatable {
    public var name: String
    public var ratio: Double
    /// Groups of samples that stay together; the samples themselves without a grouping.
    public var groups: Int
    /// One a sample, as `data.list` reads them, in the order of the names.
    public var lines: [String]
  }

  public let options: Options
  public let parts: [Part]
  /// Pixels and images of each class in each part.
  public let stats: DataStats

  /// Opens every label once.
  ///
  /// - Parameters:
  ///   - config: of layout `folders`, with patterns without `{split}`; its list is not read.
  ///   - workers: threads that read labels.
  ///   - progress: called after each label with labels read and labels in all.
  /// - Throws: `Failure`: `.usage` for ratios or groupings that cannot be, `.badConfig` for another layout or
  ///   folders of splits, `.inputMissing` or `.badData` for files that `DataCheck` calls an error.
  public init(
    _ config: DataConfig, _ options: Options, workers: Int? = nil,
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    try Self.check(options)
    try Self.check(config)
    var all = config
    all.list = nil
    let inspection = try DataInspection(
      all, splits: ["all"], readImages: false, workers: workers, progress: progress)
    try Self.checkFiles(inspection)
    let files = inspection.splits[0].files
    let names = ListedNames(all)
    let lines = try files.map { try names.line($0.pair) }

    let members = try Self.groups(files.map { names.name($0.pair) }, options.grouping)
    guard members.count >= options.ratios.count else {
      let what = options.grouping == nil ? "image" : "group"
      throw Failure(
        .badData, config.images,
        "\(TextTable.number(members.count, what)) for \(options.ratios.count) splits",
        hint: options.grouping == nil
          ? nil : "choose a longer prefix or another separator for --group-by")
    }
    let groups = members.map { members in
      SplitAssignment.Group(
        images: members.count,
        imagesOfClass: options.isStratified
          ? inspection.imagesOfClass(members.map { files[$0] }) : [])
    }
    let assignment = SplitAssignment(groups, ratios: options.ratios, seed: options.seed)
    let samples = options.ratios.indices.map { split in
      members.indices.filter { assignment.splits[$0] == split }.flatMap { members[$0] }.sorted()
    }
    self.options = options
    parts = options.ratios.indices.map { split in
      Part(
        name: Self.names[split], ratio: options.ratios[split],
        groups: assignment.splits.count { $0 == split }, lines: samples[split].map { lines[$0] })
    }
    stats = DataStats(
      inspection.divided(zip(Self.names, samples).map { ($0, $1.map { files[$0] }) }))
  }

  private static func check(_ options: Options) throws {
    let ratios = options.ratios
    guard (2...3).contains(ratios.count), ratios.allSatisfy({ $0 > 0 && $0 < 1 }),
      abs(ratios.reduce(0, +) - 1) < 1e-6
    else {
      let found = ratios.map { "\($0)" }.joined(separator: ",")
      throw Failure(
        .usage, "--ratios",
        "expected two or three shares above 0 that add up to 1 (train, val, test), found \(found)")
    }
    switch options.grouping {
    case .prefix(let length) where length < 1:
      throw Failure(.usage, "--group-by", "expected a prefix of 1 or more, found \(length)")
    case .separator(""): throw Failure(.usage, "--group-by", "expected a separator, found nothing")
    default: break
    }
  }

  private static func check(_ config: DataConfig) throws {
    guard config.layout == DatasetLayout.folders.name else {
      throw Failure(
        .badConfig, "data.layout",
        "lists are of layout \"folders\", the config has \"\(config.layout)\"")
    }
    for (key, pattern) in [("images", config.images), ("masks", config.masks)]
    where PathPattern.fill(pattern, split: "") != pattern {
      throw Failure(
        .badConfig, "data.\(key)",
        "\"\(pattern)\" names a folder for each split; expected one folder to divide",
        hint: "e.g. --set data.images=images --set data.masks=masks --set data.list={split}.txt")
    }
  }

  private static func checkFiles(_ inspection: DataInspection) throws {
    // Masks of 0 and 255 are divided as well as any.
    let errors = DataCheck(inspection).problems.filter {
      $0.severity == .error && $0.kind != .binaryMask
    }
    guard let first = errors.first else { return }
    throw Failure(
      first.kind == .missingFiles ? .inputMissing : .badData,
      first.file ?? inspection.config.images,
      first.message + (errors.count > 1 ? " (and \(errors.count - 1) more problems)" : ""),
      hint: first.hint)
  }

  /// Samples that stay together, by their indices.
  private static func groups(_ names: [String], _ grouping: Grouping?) throws -> [[Int]] {
    guard let grouping else { return names.indices.map { [$0] } }
    var places: [String: Int] = [:]
    var groups: [[Int]] = []
    for (index, name) in names.enumerated() {
      let key: String
      switch grouping {
      case .prefix(let length):
        guard name.count >= length else {
          throw Failure(
            .badData, name, "the name is shorter than the prefix of \(length) that groups samples",
            hint: "choose a shorter prefix or a separator for --group-by")
        }
        key = String(name.prefix(length))
      case .separator(let separator):
        guard let start = name.firstRange(of: separator)?.lowerBound else {
          throw Failure(
            .badData, name, "no \"\(separator)\" in this name, which groups samples",
            hint: "choose another separator or a prefix length for --group-by")
        }
        key = String(name[..<start])
      }
      if let place = places[key] {
        groups[place].append(index)
      } else {
        places[key] = groups.count
        groups.append([index])
      }
    }
    return groups
  }
}
