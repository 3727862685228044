import SegCore
import SegData
import SegTestSupport
import Testing

/// A fault made in a good workshop, and what the program has to say about it.
struct BadInput: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var status: SegCore.ExitStatus
  /// Parts of standard error, in their order.
  var says: [String]
  /// After `train --config config.json --run-dir new/run`; the whole command where it begins with a word.
  var arguments: [String]
  var limits: String?
  var prepare: @Sendable (Workshop) throws -> Void

  init(
    _ name: String, _ status: SegCore.ExitStatus, _ says: String..., arguments: [String] = [],
    limits: String? = nil, prepare: @escaping @Sendable (Workshop) throws -> Void = { _ in }
  ) {
    testDescription = name
    self.status = status
    self.says = says
    self.arguments = arguments
    self.limits = limits
    self.prepare = prepare
  }

  /// With one file of the data set replaced.
  init(
    _ name: String, _ status: SegCore.ExitStatus, _ says: String..., file: String,
    _ bytes: @escaping @Sendable (Workshop) throws -> [UInt8], more: [String] = []
  ) {
    testDescription = name
    self.status = status
    self.says = says
    arguments = more
    prepare = { shop in try AtomicFile.write(bytes(shop), to: shop["data/" + file]) }
  }

  func check() throws {
    let shop = try Workshop()
    try AtomicFile.write(Workshop.config, to: shop["config.json"])
    try prepare(shop)
    let before = try RunFiles.tree(shop.path)
    let isCommand = arguments.first.map { !$0.hasPrefix("-") } ?? false
    let line = isCommand ? arguments : shop.arguments("new", arguments)
    let finished = try shop.segtrain(line, limits: limits)
    #expect(finished.exit == status, "\(finished)")
    #expect(finished.output == "")
    var rest = finished.errors[...]
    for part in says {
      guard let place = rest.firstRange(of: part) else {
        Issue.record("expected \"\(part)\" in:\n\(finished.errors)")
        return
      }
      rest = rest[place.upperBound...]
    }
    // Whatever is wrong with what was given: nothing is written.
    #expect(try RunFiles.tree(shop.path) == before)
    #expect(!shop.exists("new/run"))
  }
}

extension EndToEnd {
  /// Every fault ends with its status, a message that says what to do, and nothing on the disk.
  @Suite struct BadInputTests {
    @Test("Configuration", arguments: configFaults) func config(_ fault: BadInput) throws {
      try fault.check()
    }

    static let configFaults: [BadInput] = [
      BadInput(
        "no such config", .inputMissing, "error: none.json: expected a configuration file",
        arguments: ["config", "check", "--config", "none.json"]),
      BadInput(
        "unknown key", .badConfig,
        "error: config.json:1:3: sede: expected a known key, found \"sede\"\n"
          + "  hint: did you mean \"seed\"?"
      ) { shop in
        try AtomicFile.write(
          #"{ "sede": 3,"# + Workshop.config.dropFirst(), to: shop["config.json"])
      },
      BadInput(
        "wrong type", .badConfig,
        "error: config.json:1:11: seed: expected an integer of at least 0, found \"x\""
      ) { shop in
        let text = #"{ "seed": "x","# + Workshop.config.dropFirst()
        let once = text.split(separator: ", \"seed\": 3", maxSplits: 1)
        try AtomicFile.write(once.joined(), to: shop["config.json"])
      },
      BadInput(
        "not JSON", .badConfig, "error: config.json:2:1: ", arguments: []
      ) { try AtomicFile.write("{\n", to: $0["config.json"]) },
      BadInput(
        "override of an unknown key", .badConfig,
        "error: --set optimizer.lrr: expected a known key", "did you mean \"lr\"?",
        arguments: ["--set", "optimizer.lrr=1"]),
      BadInput(
        "override of the wrong type", .badConfig,
        "error: --set training.batch_size: expected an integer in 1...4096, found \"two\"",
        arguments: ["--set", "training.batch_size=two"]),
      BadInput(
        "batch larger than the data", .badConfig,
        "error: training.batch_size: the training split has 6 samples, fewer than one batch of 7",
        "lower training.batch_size or set training.drop_last to false",
        arguments: ["--set", "training.batch_size=7"]),
      BadInput(
        "batch norm over one value", .badConfig,
        "error: model: classifier.0.convs.4.2: batch_norm_statistics: one value per channel",
        "use batch_size ≥ 2", "hint: training.batch_size is 1",
        arguments: [
          "--set", "model.architecture=deeplabv3", "--set", "training.batch_size=1",
        ]),
      BadInput(
        "last batch of one", .badConfig,
        "error: training.drop_last: the last batch of an epoch has 1 of 5 samples: "
          + "classifier.0.convs.4.2: batch_norm_statistics: one value per channel",
        "hint: set training.drop_last to true or change training.batch_size",
        arguments: [
          "--set", "model.architecture=deeplabv3", "--set", "training.batch_size=5",
          "--set", "training.drop_last=false",
        ]),
      BadInput(
        "more memory than there is", .badConfig, "error: memory: the run needs ",
        " GB, the machine has ", "lower training.batch_size, augment.crop_size or data.size",
        arguments: ["--set", #"augment={"crop_size":[16384,16384]}"#]),
      BadInput(
        "scale without crop", .badConfig, "error: augment.scale_range", "set augment.crop_size too",
        arguments: ["--set", #"augment={"scale_range":[0.5,2]}"#]),
      BadInput(
        "unknown prefix to train", .badConfig,
        "error: model.train_only: no parameter's name starts with \"head\"",
        "names start with backbone, classifier",
        arguments: ["--set", #"model.train_only=["head"]"#]),
      BadInput(
        "weights that are not there", .inputMissing, "error: none.safetensors: cannot ",
        "No such file", arguments: ["--set", "model.weights=none.safetensors"]),
      BadInput(
        "weights that are none", .badData, "error: weights.safetensors: ",
        arguments: ["--set", "model.weights=weights.safetensors"]
      ) { try AtomicFile.write("no tensors", to: $0["weights.safetensors"]) },
      BadInput(
        "threads", .usage, "error: --threads: expected 1 to 1024, found 0",
        arguments: ["--threads", "0"]),
      BadInput(
        "no config", .usage, "Missing expected argument '--config <config>'",
        arguments: ["train"]),
      BadInput("unknown option", .usage, "Unknown option '--colour'", arguments: ["--colour"]),
    ]

    @Test("Data", arguments: dataFaults) func data(_ fault: BadInput) throws { try fault.check() }

    static let dataFaults: [BadInput] = [
      BadInput(
        "no data folder", .inputMissing, "error: nowhere/train: no such folder, nor nowhere",
        arguments: ["--set", "data.root=nowhere"]),
      BadInput(
        "misspelt split", .inputMissing, "error: data/trian: no such folder (near it: train)",
        arguments: ["--set", "data.train=trian"]),
      BadInput(
        "image without label", .inputMissing, "error: data/train/0002.png: image without label",
        "looked for data/trainannot/0002.png"
      ) { try FileSystem.standard.removeFile($0["data/trainannot/0002.png"]) },
      BadInput(
        "label of another size", .badData,
        "error: data/trainannot/0001.png: label is 24x16, its image data/train/0001.png is 48x32",
        "image and label must have one size", file: "trainannot/0001.png",
        { _ in try Pictures.label(0, height: 16, width: 24) }),
      BadInput(
        "validation label of another size", .badData,
        "error: data/valannot/0002.png: label is 24x16, its image data/val/0002.png is 48x32",
        file: "valannot/0002.png", { _ in try Pictures.label(0, height: 16, width: 24) }),
      BadInput(
        "images of two sizes", .badData,
        "error: data/train/0003.png: image is 24x16, the first one is 48x32",
        "set data.size or augment.crop_size"
      ) { shop in
        try makeStreets(root: shop["small"], size: (height: 16, width: 24), counts: (1, 0, 0))
        for folder in ["train", "trainannot"] {
          let bytes = try InputFile.contents(of: shop["small/\(folder)/0000.png"])
          try AtomicFile.write(bytes, to: shop["data/\(folder)/0003.png"])
        }
      },
      BadInput(
        "label value out of range", .badData,
        "error: data/trainannot/0004.png: label value 77 in 2 pixels, first at x 5, y 3; "
          + "classes are 0 to 9, ignore_index is 255",
        "add \"label_map\": {\"77\": \"ignore\"} to \"data\"", file: "trainannot/0004.png",
        { _ in try Pictures.label(0, changing: [(5, 3, 77), (40, 30, 77)]) }),
      BadInput(
        "several bad labels", .badData, "error: data: 2 problems:\n  data/trainannot/0000.png: ",
        "\n  data/valannot/0000.png: "
      ) { shop in
        for split in ["train", "val"] {
          try AtomicFile.write(Pictures.label(80), to: shop["data/\(split)annot/0000.png"])
        }
      },
      BadInput(
        "masks of 0 and 255", .badData,
        "labels hold 0 (", " pixels) and 255 (", "and 255 is ignored: only class 0 is left",
        "add \"label_map\": {\"255\": 1} to \"data\"",
        arguments: [
          "--set", "data.layout=folders", "--set", "data.root=own",
          "--set",
          #"data.classes=[{"name":"back","color":[0,0,0]},{"name":"thing","color":[9,9,9]}]"#,
        ]
      ) { shop in
        for split in ["train", "val"] {
          for folder in ["images", "masks"] {
            try FileSystem.standard.makeDirectories(shop["own/\(folder)/\(split)"])
          }
          for index in 0..<2 {
            try AtomicFile.write(
              Pictures.label(90), to: shop["own/images/\(split)/\(index).png"])
            try AtomicFile.write(
              Pictures.label(0, changing: [(1, 1, 255)]),
              to: shop["own/masks/\(split)/\(index).png"])
          }
        }
      },
      BadInput(
        "empty label", .badData, "error: data/trainannot/0001.png: file is empty",
        file: "trainannot/0001.png", { _ in [] }),
      BadInput(
        "truncated label", .badData, "error: data/trainannot/0001.png: ", "truncated",
        file: "trainannot/0001.png",
        { Array(try InputFile.contents(of: $0["data/trainannot/0001.png"]).dropLast(40)) }),
      BadInput(
        "label of 16 bits", .badData,
        "error: data/trainannot/0001.png: label is 16-bit gray PNG; "
          + "a label is a palette or gray PNG of 1, 2, 4 or 8 bits",
        file: "trainannot/0001.png", { _ in Pictures.deepGray }),
      BadInput(
        "label in colour", .badData, "error: data/trainannot/0001.png: label is 8-bit RGB PNG",
        "convert it to class indices", file: "trainannot/0001.png",
        { try InputFile.contents(of: $0["data/train/0001.png"]) }),
      BadInput(
        "empty image", .badData, "error: data/train/0001.png: file is empty",
        file: "train/0001.png", { _ in [] }),
      BadInput(
        "truncated JPEG", .badData, "data/train/0001.png: ", "truncated", file: "train/0001.png",
        { _ in Array(Pictures.jpeg.dropLast(20)) }, more: ["--set", "training.batch_size=6"]),
      BadInput(
        "truncated PNG", .badData, "data/train/0001.png: ", "truncated", file: "train/0001.png",
        { Array(try InputFile.contents(of: $0["data/train/0001.png"]).dropLast(300)) },
        more: ["--set", "training.batch_size=6"]),
    ]

    @Test("Palette labels and four-ink JPEG images are read")
    func unusualButGood() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "1"), ("training.batch_size", "6")])
      try AtomicFile.write(Pictures.fourInks, to: shop["data/train/0001.jpg"])
      try FileSystem.standard.removeFile(shop["data/train/0001.png"])
      let label = try ImageFile.readLabels(shop["data/trainannot/0001.png"])
      #expect(!label.palette.isEmpty)
      #expect(try shop.train("a").status == 0)
    }
  }
}
