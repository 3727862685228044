import SegCore
import SegData
import SegLosses
import SegModels
import SegOptim
import SegTestSupport
import SegTraining
import Testing

@Suite struct StudyConfigTests {
  private static let base = """
    "base": {
      "data": {"layout": "camvid", "root": "camvid"},
      "model": {"architecture": "fcn", "backbone": "resnet18"},
      "loss": {"terms": [{"type": "cross_entropy", "weight": 2}]},
      "optimizer": {"type": "sgd", "lr": 0.01, "momentum": 0.8},
      "training": {"iterations": 4}
    }
    """

  private static func study(
    _ folder: TemporaryFolder, _ text: String, overrides: [String] = []
  ) throws(Failure) -> Study {
    try AtomicFile.write(text, to: folder["mine.json"])
    return try Study(path: folder["mine.json"], overrides: overrides)
  }

  @Test func cells() throws {
    let study = try Self.study(
      TemporaryFolder(),
      """
      {
        \(Self.base), "seeds": [7, 3],
        "losses": [
          {"name": "CE"},
          {"name": "my recall", "config": {"loss": {"terms": [{"type": "recall"}]}}}
        ],
        "models": [
          {"name": "FCN"}, {"name": "DL", "config": {"model": {"architecture": "deeplabv3"}}}
        ]
      }
      """)
    #expect(study.path == "studies/mine")
    #expect(study.config.baseline == "CE")
    #expect(
      study.cells.map(\.name) == [
        "FCN.CE.seed7", "FCN.my-recall.seed7", "DL.CE.seed7", "DL.my-recall.seed7",
        "FCN.CE.seed3", "FCN.my-recall.seed3", "DL.CE.seed3", "DL.my-recall.seed3",
      ])
    let cell = study.cells[3]
    #expect(cell.path == "studies/mine/DL.my-recall.seed7")
    #expect(cell.model == "DL" && cell.dataSet == nil && cell.seed == 7)
    let config = cell.loaded.config
    #expect(config.seed == 7 && config.name == cell.name)
    #expect(config.model.architecture == .deeplabv3 && config.model.backbone == .resnet18)
    // Arrays are replaced whole: the base's weight of the term is gone.
    #expect(config.loss.terms == [LossTermConfig(RecallLoss())])
    #expect(try study.cells(only: ["DL", "FCN.CE.seed3"]).count == 5)
  }

  @Test("Entries lie over the base, their texts over them, the command line over everything")
  func layers() throws {
    let entry = """
      {"name": "a", "config": {"optimizer": {"lr": 0.02, "weight_decay": 0.1}, "augment": {"flip": 0.5}},
       "set": ["optimizer.lr=0.03", "loss.terms.0.weight=4"]}
      """
    let text = "{\(Self.base), \"seeds\": [1], \"losses\": [\(entry)]}"
    let folder = try TemporaryFolder()
    let plain = try Self.study(folder, text).cells[0].loaded.config
    #expect(plain.optimizer.lr == 0.03 && plain.optimizer.weightDecay == 0.1)
    #expect((plain.optimizer.method as? SGDConfig)?.momentum == 0.8)
    #expect(plain.loss.terms[0].weight == 4 && plain.augment.flip == 0.5)
    let changed = try Self.study(folder, text, overrides: ["optimizer.lr=0.04", "seed=9"])
    #expect(changed.cells[0].loaded.config.optimizer.lr == 0.04)
    #expect(changed.cells[0].loaded.config.seed == 1, "seeds are the study's own")
  }

  @Test("An object of another type replaces the old one, whose other keys it does not know")
  func otherType() throws {
    let entry = #"{"name": "a", "config": {"optimizer": {"type": "adam", "lr": 1e-3}}}"#
    let study = try Self.study(
      TemporaryFolder(), "{\(Self.base), \"seeds\": [1], \"losses\": [\(entry)]}")
    #expect(study.cells[0].loaded.config.optimizer.method is AdamConfig)
  }

  @Test func baseFromFile() throws {
    let folder = try TemporaryFolder()
    try FileSystem.standard.makeDirectories(folder["configs"])
    try AtomicFile.write(
      "{\(Self.base)}".replacing("\"base\": {", with: "").replacing("}}", with: "}"),
      to: folder["configs/base.json"])
    let text = #"{"base": "configs/base.json", "seeds": [1], "losses": [{"name": "a"}]}"#
    #expect(try Self.study(folder, text).cells[0].loaded.config.optimizer.lr == 0.01)
    let missing = failure { () throws(Failure) in
      _ = try Self.study(folder, text.replacing("configs/base", with: "other"))
    }
    #expect(missing.status == .inputMissing)
    #expect(missing.problem.contains("base: expected a run config, found no file"))
  }

  /// The study with one part replaced, what is said, and the place in the file.
  static let mistakes: [(part: String, by: String, says: [String])] = [
    (#""seeds""#, #""seed""#, ["mine.json:2:", #"seed: expected a known key, found "seed""#]),
    ("[1, 2]", "[1, 1]", ["mine.json:2:", "seeds.1: expected each seed once, found 1 again"]),
    ("[1, 2]", "[]", ["seeds: expected an array of 1 to 1000 values"]),
    (#""b""#, #""A""#, ["losses.1.name: expected a name that gives a folder of its own"]),
    (#""b""#, #""--""#, ["losses.1.name: expected a name of at most 40 characters"]),
    (
      #""baseline": "a""#, #""baseline": "bb""#,
      ["baseline: expected the name of a loss, found \"bb\"", "did you mean \"b\"?"]
    ),
    (#""config": {}"#, #""config": 3"#, ["losses.0.config: expected an object, found 3"]),
    (
      #""config": {}"#, #""config": {"loss": {"terms": [{"type": "recal"}]}}"#,
      [
        "in the config of a.seed1 and 1 other:\n", "mine.json:3:",
        "loss.terms.0.type: expected \"cross_entropy\"", "did you mean \"recall\"?",
      ]
    ),
    (
      #""config": {}"#, #""config": {"optimiser": {}}"#,
      ["mine.json:3:", "optimiser: expected a known key", "did you mean \"optimizer\"?"]
    ),
    (#""set": []"#, #""set": ["training.x.y=2"]"#, ["training.x", "found \"x\""]),
    (
      #""resamples": 100"#, #""resamples": 1"#,
      ["bootstrap.resamples: expected an integer in 100...1000000, found 1"]
    ),
    (#""checkpoint": "last""#, #""checkpoint": "first""#, ["evaluation.checkpoint: expected"]),
    (#""lr": 0.01"#, #""lr": -1"#, ["in the config of a.seed1 and 3 others:", "mine.json:8:"]),
  ]

  @Test(arguments: mistakes)
  func tellsMistakes(part: String, by: String, says: [String]) throws {
    let text = """
      {
        "seeds": [1, 2], "baseline": "a", "bootstrap": {"resamples": 100},
        "losses": [{"name": "a", "config": {}}, {"name": "b", "set": []}], "evaluation": {"checkpoint": "last"},
        \(Self.base)
      }
      """
    let folder = try TemporaryFolder()
    _ = try Self.study(folder, text)
    try #require(text.contains(part))
    let found = failure { () throws(Failure) in
      _ = try Self.study(folder, text.replacing(part, with: by))
    }
    #expect(found.status == .badConfig)
    for part in says { #expect(found.description.contains(part), "\(found)") }
  }

  @Test("A name that means nothing is told with the nearest")
  func only() throws {
    let study = try Self.study(
      TemporaryFolder(), "{\(Self.base), \"seeds\": [1], \"losses\": [{\"name\": \"recall\"}]}")
    let found = failure { () throws(Failure) in _ = try study.cells(only: ["recal"]) }
    #expect(found.status == .usage && found.hint?.contains("did you mean \"recall\"?") == true)
  }

  @Test("The files in configs/studies are studies")
  func shipped() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folder = "/\(root)/configs/studies"
    var losses: [String: Int] = [:]
    for name in try FileSystem.entries(of: folder) {
      let path = FilePath.join(folder, name)
      let (study, resolved) = try ConfigDocument(path: path).decode { StudyConfig($0) }
      #expect("\(study.name).json" == name)
      losses[study.name] = study.losses.count
      // What it resolves to gives itself again.
      let again = try ConfigDocument(bytes: Array(resolved.pretty.utf8), name: name)
      #expect(try again.decode { StudyConfig($0) }.resolved == resolved)
    }
    #expect(
      losses == [
        "camvid-losses": 7, "recall-comparison": 8, "recall-comparison-code": 8,
        "scheduling-table1": 16, "scheduling-table1-code": 16,
      ])
  }
}
