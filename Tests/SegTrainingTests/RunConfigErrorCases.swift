import Testing

/// A document with one or more mistakes and the whole text of the error.
struct BadConfig: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var text: String
  var overrides: [String] = []
  var expected: String

  /// - Parameter sections: replace those of the smallest good document, one a line; `""` removes one,
  ///   new ones come last. Line 2 is data, 3 model, 4 loss, 5 optimizer, 6 training.
  init(
    _ name: String, _ sections: KeyValuePairs<String, String> = [:], set overrides: [String] = [],
    _ expected: String
  ) {
    var lines = [
      (key: "data", value: #"{ "layout": "camvid", "root": "r" }"#),
      (key: "model", value: #"{ "architecture": "fcn", "backbone": "resnet18" }"#),
      (key: "loss", value: #"{ "terms": [{ "type": "recall" }] }"#),
      (key: "optimizer", value: #"{ "type": "sgd", "lr": 0.01 }"#),
      (key: "training", value: #"{ "iterations": 10 }"#),
    ]
    for (key, value) in sections {
      if let index = lines.firstIndex(where: { $0.key == key }) {
        lines[index].value = value
      } else {
        lines.append((key, value))
      }
    }
    lines.removeAll { $0.value.isEmpty }
    let body = lines.map { "  \"\($0.key)\": \($0.value)" }.joined(separator: ",\n")
    self.init(name, text: "{\n\(body)\n}\n", set: overrides, expected)
  }

  init(_ name: String, text: String, set overrides: [String] = [], _ expected: String) {
    testDescription = name
    self.text = text
    self.overrides = overrides
    self.expected = expected
  }
}

private let optimizerKeys = "known keys: type, momentum, lr, weight_decay, head_lr_factor, no_decay"
private let modelKeys =
  "known keys: architecture, backbone, output_stride, aux_head, aux_weight, dropout, weights, "
  + "weights_scope, reset_classifier, train_only, frozen_batch_norm"
private let trainingKeys =
  "known keys: iterations, epochs, batch_size, shuffle, drop_last, accumulate, clip_norm, ema_decay"
private let topKeys =
  "known keys: name, seed, data, augment, model, loss, optimizer, lr_schedule, training, "
  + "evaluation, checkpoint, log, engine"

extension BadConfig {
  static let all = syntax + keys + values + together + overrides

  static let syntax: [BadConfig] = [
    BadConfig("empty", text: "", "run.json:1:1: expected a value, found the end of the text"),
    BadConfig("array at the top", text: "[]", "run.json:1:1: expected an object, found []"),
    BadConfig(
      "truncated", text: "{ \"data\": { \"layout\": ",
      "run.json:1:23: data.layout: expected a value, found the end of the text"),
    BadConfig(
      "unclosed", text: "{\n  \"log\": {\n    \"interval\": 5",
      """
      run.json:3:18: log: expected "," or "}", found the end of the text
        hint: an object opened at line 2, column 10 is not closed
      """),
    BadConfig(
      "duplicate and not a number",
      [
        "log": #"{ "interval": 1, "interval": 2 }"#, "seed": "NaN", "engine": #"{ "threads": 01 }"#,
      ],
      """
      run.json:7:27: log.interval: expected each key once, found "interval" again
        hint: it was first given at line 7, column 12; remove one of the two
      run.json:8:11: seed: expected a finite number, found NaN
      run.json:9:26: engine.threads: expected a number, found 01
        hint: numbers have no leading zeros
      """),
    BadConfig(
      "too large", ["optimizer": #"{ "type": "sgd", "lr": 1e400 }"#],
      "run.json:5:39: optimizer.lr: expected a number up to 1.8e308, found 1e400"),
  ]

  static let keys: [BadConfig] = [
    BadConfig(
      "swapped letters", ["optimizer": #"{ "type": "sgd", "lr": 1, "momentmu": 0.5 }"#],
      """
      run.json:5:42: optimizer.momentmu: expected a known key for type "sgd", found "momentmu"
        hint: did you mean "momentum"? \(optimizerKeys)
      """),
    BadConfig(
      "key of another kind", ["optimizer": #"{ "type": "sgd", "lr": 1, "betas": [0.9, 0.999] }"#],
      """
      run.json:5:42: optimizer.betas: expected a known key for type "sgd", found "betas"
        hint: "betas" belongs to type "adam"; \(optimizerKeys)
      """),
    BadConfig(
      "another program's name", ["optimizer": #"{ "type": "sgd", "learning_rate": 1 }"#],
      """
      run.json:5:16: optimizer.lr: expected a number in 0...10, found nothing
        hint: "lr" is required: Learning rate before any schedule.
      run.json:5:33: optimizer.learning_rate: expected a known key for type "sgd", found "learning_rate"
        hint: did you mean "lr"? \(optimizerKeys)
      """),
    BadConfig(
      "key of another section", ["training": #"{ "iterations": 10, "lr": 0.1 }"#],
      """
      run.json:6:35: training.lr: expected a known key, found "lr"
        hint: "lr" belongs to optimizer; \(trainingKeys)
      """),
    BadConfig(
      "key of several sections", ["interval": "3"],
      """
      run.json:7:3: interval: expected a known key, found "interval"
        hint: "interval" belongs to evaluation, checkpoint or log; \(topKeys)
      """),
    BadConfig(
      "near and at home elsewhere",
      ["model": #"{ "architecture": "fcn", "backbone": "resnet18", "weight": 1 }"#],
      """
      run.json:3:61: model.weight: expected a known key, found "weight"
        hint: did you mean "weights"? "weight" belongs to loss.terms; \(modelKeys)
      """),
    BadConfig(
      "nothing near", ["Δ": "1"],
      """
      run.json:7:3: Δ: expected a known key, found "Δ"
        hint: \(topKeys)
      """),
    BadConfig(
      "camel case", ["training": #"{ "iterations": 10, "batchSize": 4 }"#],
      """
      run.json:6:35: training.batchSize: expected a known key, found "batchSize"
        hint: did you mean "batch_size"? \(trainingKeys)
      """),
    BadConfig(
      "images without folders", ["data": #"{ "layout": "camvid", "root": "r", "images": "i" }"#],
      """
      run.json:2:46: data.images: expected a known key for layout "camvid", found "images"
        hint: "images" belongs to layout "folders"; known keys: layout, root, train, validation, classes, \
      label_map, ignore_index, size, preprocessing, resize, mean, std, channel_order, workers, cache_mb, \
      on_bad_sample
      """),
    BadConfig(
      "section missing", ["loss": ""],
      """
      run.json:1:1: loss.terms: expected an array of 1 to 8 objects, found nothing
        hint: "terms" is required: Losses, summed with their weights.
      """),
    BadConfig(
      "section of a wrong type", ["loss": "5", "engine": "null"],
      """
      run.json:4:11: loss: expected an object, found 5
      run.json:7:13: engine: expected an object, found null
      """),
  ]

  static let values: [BadConfig] = [
    BadConfig(
      "text for a number", ["optimizer": #"{ "type": "sgd", "lr": "fast" }"#],
      #"run.json:5:39: optimizer.lr: expected a number in 0...10, found "fast""#),
    BadConfig(
      "out of range", ["optimizer": #"{ "type": "sgd", "lr": 20, "momentum": 1 }"#],
      """
      run.json:5:39: optimizer.lr: expected a number in 0...10, found 20
      run.json:5:55: optimizer.momentum: expected a number in 0..<1, found 1
      """),
    BadConfig(
      "fraction for a whole number", ["training": #"{ "iterations": 10, "batch_size": 2.5 }"#],
      "run.json:6:49: training.batch_size: expected an integer in 1...4096, found 2.5"),
    BadConfig(
      "beyond 64 bits", ["seed": "123456789012345678901234567890"],
      "run.json:7:11: seed: expected an integer of at least 0, found 123456789012345678901234567890"
    ),
    BadConfig(
      "misspelt choice", ["optimizer": #"{ "type": "Adma", "lr": 1, "eps": 1 }"#],
      """
      run.json:5:26: optimizer.type: expected "sgd" or "adam", found "Adma"
        hint: did you mean "adam"?
      """),
    BadConfig(
      "table of another layout",
      ["data": #"{ "layout": "camvid", "root": "r", "classes": "voc21" }"#],
      #"run.json:2:46: data.classes: layout "camvid" stores its labels for "camvid11", not for "voc21""#
    ),
    BadConfig(
      "masks of one folder for all splits",
      ["data": #"{ "layout": "folders", "root": "r", "classes": "voc21", "masks": "all" }"#],
      #"""
      run.json:2:67: data.masks: expected a folder pattern with {split}, found "all"
        hint: or name the samples of each split in a list: "list": "{split}.txt"
      """#),
    BadConfig(
      "numbers for colours",
      [
        "data": #"{ "layout": "folders", "root": "r", "classes": "voc21", "#
          + #""mask_encoding": "color", "label_map": { "1": 2 } }"#
      ],
      #"""
      run.json:2:93: data.label_map: expected null, as mask_encoding is "color" and colours have no numbers
        hint: say what further colours mean in "mask_colors"
      """#),
    BadConfig(
      "schedule of one term that ends before it starts",
      [
        "loss": #"{ "terms": [{ "type": "recall" }], "schedule": { "type": "naive", "end": 0.2 } }"#
      ],
      """
      run.json:4:46: loss.schedule: expected two terms to lead from one to the other, found 1
        hint: add a second term, or remove the schedule
      run.json:4:77: loss.schedule.end: expected more than start, which is 0.3, found 0.2
      """),
    BadConfig(
      "schedule of three terms, of which one says no group",
      [
        "loss":
          #"{ "terms": [{ "type": "recall", "group": "first" }, { "type": "recall" }, { "type": "recall" }], "schedule": { "type": "alternating" } }"#
      ],
      #"""
      run.json:4:63: loss.terms.1.group: expected "first" (faded out) or "second" (ramped in), found nothing
        hint: with a schedule all terms have a group
      """#),
    BadConfig(
      "schedule of terms of one group",
      [
        "loss":
          #"{ "terms": [{ "type": "recall", "group": "second" }, { "type": "recall", "group": "second" }], "schedule": { "type": "naive" } }"#
      ],
      #"""
      run.json:4:43: loss.terms.0.group: expected a term of group "first", found none
        hint: a schedule leads from one group to the other
      """#),
    BadConfig(
      "group without schedule",
      ["loss": #"{ "terms": [{ "type": "recall", "group": "second" }] }"#],
      """
      run.json:4:43: loss.terms.0.group: expected null, as there is no loss.schedule
        hint: remove group, or say how the groups take turns in loss.schedule
      """),
    BadConfig(
      "unknown curve and recompute",
      ["lr_schedule": #"{ "type": "cosin" }"#, "engine": #"{ "recompute": "segment" }"#],
      #"""
      run.json:7:28: lr_schedule.type: expected "constant", "poly", "linear", "cosine" or "step", found "cosin"
        hint: did you mean "cosine"?
      run.json:8:28: engine.recompute: expected "none", "cheap" or "segments", found "segment"
        hint: did you mean "segments"?
      """#),
    BadConfig(
      "variant the loss has not",
      ["loss": #"{ "terms": [{ "type": "recall", "variant": "scheduling_code" }] }"#],
      #"run.json:4:54: loss.terms.0.variant: expected "paper" or "recall_code", found "scheduling_code""#
    ),
    BadConfig(
      "options the reading has not, or out of range",
      [
        "loss":
          #"{ "terms": [{ "type": "ohem", "variant": "recall_code", "mode": "threshold" }, { "type": "recall", "ema": 0 }] }"#
      ],
      #"""
      run.json:4:67: loss.terms.0.mode: expected "fraction": the recall repository's form knows no threshold
        hint: remove mode, or set variant to "paper"
      run.json:4:117: loss.terms.1.ema: expected a number in 1e-06...1 or null, found 0
      """#),
    BadConfig(
      "no terms", ["loss": #"{ "terms": [] }"#],
      "run.json:4:22: loss.terms: expected an array of 1 to 8 objects, found []"),
    BadConfig(
      "a term that is no object", ["loss": #"{ "terms": [{ "type": "recall" }, "recall"] }"#],
      #"run.json:4:45: loss.terms.1: expected an object, found "recall""#),
    BadConfig(
      "class weights",
      ["loss": #"{ "terms": [{ "type": "recall", "class_weights": "inverted" }] }"#],
      """
      run.json:4:60: loss.terms.0.class_weights: expected "inverse", "inverse_mean1", "median" or "effective", \
      found "inverted"
        hint: did you mean "inverse"?
      """),
    BadConfig(
      "beta of another rule",
      [
        "loss":
          #"{ "terms": [{ "type": "cross_entropy", "class_weights": { "rule": "median", "beta": 0.9 } }] }"#
      ],
      """
      run.json:4:87: loss.terms.0.class_weights.beta: expected a known key for rule "median", found "beta"
        hint: "beta" belongs to rule "effective"; known keys: rule, variant
      """),
    BadConfig(
      "size of one number", ["data": #"{ "layout": "camvid", "root": "", "size": [5] }"#],
      """
      run.json:2:41: data.root: expected text, found ""
      run.json:2:53: data.size: expected null or an array of 2 values, each an integer in 1...16384, found [5]
      """),
    BadConfig(
      "element of an array",
      ["data": #"{ "layout": "camvid", "root": "r", "mean": [0, null, "x"] }"#],
      """
      run.json:2:58: data.mean.1: expected a number in -10...10, found null
      run.json:2:64: data.mean.2: expected a number in -10...10, found "x"
      """),
    BadConfig(
      "label map",
      ["data": #"{ "layout": "camvid", "root": "r", "label_map": { "07": 1, "8": "void" } }"#],
      """
      run.json:2:61: data.label_map.07: expected a stored label value 0...255 as a key, found "07"
      run.json:2:75: data.label_map.8: expected a class index 0...255 or "ignore", found "void"
      """),
    BadConfig(
      "best by", ["checkpoint": #"{ "best_by": ["mean_iuo", "recall"] }"#],
      """
      run.json:7:31: checkpoint.best_by.0: expected "mean_iou", "mean_accuracy", "pixel_accuracy", "macro_f1", \
      "iou[class]" or "recall[class]", found "mean_iuo"
        hint: did you mean "mean_iou"?
      run.json:7:43: checkpoint.best_by.1: expected "mean_iou", "mean_accuracy", "pixel_accuracy", "macro_f1", \
      "iou[class]" or "recall[class]", found "recall"
      """),
    BadConfig(
      "run name", ["name": #""a/b""#],
      #"run.json:7:11: name: expected a folder name: at most 100 bytes, no "/", no control characters, "#
        + #"no leading dot, found "a/b""#),
  ]

  static let together: [BadConfig] = [
    BadConfig(
      "two lengths", ["training": #"{ "iterations": 10, "epochs": 2 }"#],
      """
      run.json:6:35: training.epochs: expected either iterations or epochs, found both
        hint: remove one of them; on the command line --set training.iterations=null
      """),
    BadConfig(
      "no length", ["training": "{}"],
      """
      run.json:6:15: training.iterations: expected iterations or epochs, found neither
        hint: say how long the run is, for example "iterations": 3000
      """),
    BadConfig(
      "layout without classes", ["data": #"{ "layout": "folders", "root": "r" }"#],
      """
      run.json:2:11: data.classes: expected classes, as layout "folders" has none of its own, found null
        hint: "classes": [{"name": "background", "color": [0, 0, 0]}, ...]
      """),
    BadConfig(
      "number of class weights",
      ["loss": #"{ "terms": [{ "type": "cross_entropy", "class_weights": [1, 2] }] }"#],
      """
      run.json:4:50: loss.terms.0.class_weights: expected 11 numbers, one a class, found 2
        hint: the classes are Sky, Building, Pole, Road, Pavement, Tree, SignSymbol, Fence, Car, Pedestrian, \
      Bicyclist
      """),
    BadConfig(
      "class weights of a loss that makes its own",
      ["loss": #"{ "terms": [{ "type": "recall", "class_weights": "median" }] }"#],
      """
      run.json:4:43: loss.terms.0.class_weights: expected null: recall takes no class weights
        hint: remove class_weights, or weight the classes of cross_entropy
      """),
    BadConfig(
      "class of a score", ["checkpoint": #"{ "best_by": ["recall[Rod]"] }"#],
      """
      run.json:7:31: checkpoint.best_by.0: expected the name of a class, found "Rod"
        hint: did you mean "Road"? the classes are Sky, Building, Pole, Road, Pavement, Tree, SignSymbol, Fence, \
      Car, Pedestrian, Bicyclist
      """),
    BadConfig(
      "learning rate rises",
      ["lr_schedule": #"{ "type": "poly", "end_lr": 1, "warmup_iterations": 11 }"#],
      """
      run.json:7:36: lr_schedule.end_lr: expected at most optimizer.lr, which is 0.01, found 1
      run.json:7:49: lr_schedule.warmup_iterations: expected at most the 10 iterations of training, found 11
      """),
    BadConfig(
      "two sizes",
      [
        "data": #"{ "layout": "camvid", "root": "r", "size": [360, 480] }"#,
        "evaluation": #"{ "short_side": 520 }"#,
      ],
      """
      run.json:7:19: evaluation.short_side: expected null, as data.size resizes all pictures to 480x360, found 520
        hint: leave out one of them; training samples get one size by augment.crop_size too
      """),
    BadConfig(
      "cosine rises", ["lr_schedule": #"{ "type": "cosine", "end_lr": 1 }"#],
      "run.json:7:38: lr_schedule.end_lr: expected at most optimizer.lr, which is 0.01, found 1"),
    BadConfig(
      "two kinds of steps",
      ["lr_schedule": #"{ "type": "step", "every": 5, "milestones": [3] }"#],
      """
      run.json:7:48: lr_schedule.milestones: expected either every or milestones, found both
        hint: remove one of them; on the command line --set lr_schedule.every=null
      """),
    BadConfig(
      "no kind of steps, unknown kind of parameters, no decay",
      [
        "lr_schedule": #"{ "type": "step" }"#,
        "optimizer": #"{ "type": "sgd", "lr": 1, "no_decay": ["biases"] }"#,
        "training": #"{ "iterations": 10, "ema_decay": 1 }"#,
      ],
      """
      run.json:5:55: optimizer.no_decay.0: expected "bias" or "batch_norm", found "biases"
        hint: did you mean "bias"?
      run.json:6:48: training.ema_decay: expected a number in 0..<1 or null, found 1
      run.json:7:18: lr_schedule.every: expected every or milestones, found neither
        hint: say when the rate drops, for example "every": 1000
      """),
    BadConfig(
      "scale range", ["augment": #"{ "scale_range": [2, 0.5] }"#],
      "run.json:7:16: augment.scale_range: expected [smallest, largest], found [2, 0.5]"),
    BadConfig(
      "two ways to scale", ["augment": #"{ "scale_range": [0.5, 2], "scale_list": [1, 2] }"#],
      """
      run.json:7:41: augment.scale_list: expected one way to scale, found scale_range and scale_list
        hint: keep one of them and set the other to null
      """),
    BadConfig(
      "ratio without crop", ["augment": #"{ "cat_max_ratio": 0.75 }"#],
      "run.json:7:16: augment.cat_max_ratio: chooses among crops, and crop_size is not set"),
  ]

  static let overrides: [BadConfig] = [
    BadConfig(
      "value of a wrong type", set: ["optimizer.lr=fast"],
      #"--set optimizer.lr: expected a number in 0...10, found "fast""#),
    BadConfig(
      "unknown key", set: ["optimizer.momentun=0.5"],
      """
      --set optimizer.momentun: expected a known key for type "sgd", found "momentun"
        hint: did you mean "momentum"? \(optimizerKeys)
      """),
    BadConfig(
      "inside a value", set: [#"optimizer={"type": "sgd", "lr": 11}"#],
      "--set optimizer: optimizer.lr: expected a number in 0...10, found 11"),
    BadConfig(
      "nearly JSON", set: ["data.size=[360, 480"],
      """
      --set data.size: expected null or an array of 2 values, each an integer in 1...16384, found "[360, 480"
        hint: not JSON, so taken as text: expected "," or "]", found the end of the text (an array opened at \
      line 1, column 1 is not closed)
      """),
    BadConfig(
      "ways that lead nowhere",
      set: ["seed", "a..b=1", "loss.terms.1.weight=2", "optimizer.lr.x=1", "training.seed.x=1"],
      """
      --set seed: expected a.b=value, found no "="
        hint: for example --set optimizer.lr=0.01
      --set a..b: expected keys joined by dots, found "a..b"
      --set loss.terms.1.weight: expected an index in 0...0 after "loss.terms", found "1"
      --set optimizer.lr.x: expected an object or an array at "optimizer.lr", found 0.01
      --set training.seed.x: training.seed: expected a known key, found "seed"
        hint: "seed" belongs to the top level; \(trainingKeys)
      """),
    BadConfig(
      "file and command line", ["seed": "-1"], set: ["log.interval=0"],
      """
      run.json:7:11: seed: expected an integer of at least 0, found -1
      --set log.interval: expected an integer in 1...1000000, found 0
      """),
  ]
}
