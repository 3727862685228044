import SegCore
import SegData
import SegEngine
import SegLosses
import SegMetrics
import SegModels
import SegOptim
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunConfigTests {
  private func load(
    _ text: String, name: String = "configs/example.json", _ overrides: String...
  ) throws -> LoadedConfig {
    try RunConfig.load(bytes: Array(text.utf8), name: name, overrides: overrides)
  }

  @Test func defaults() throws {
    let config = try load(Example.least).config
    #expect(config.name == "example")
    #expect(config.seed == 0)
    #expect(config.data == DataConfig(layout: "camvid", root: "shared/camvid"))
    #expect(config.augment == AugmentConfig())
    #expect(config.model == ModelConfig(architecture: .deeplabv3, backbone: .resnet18))
    #expect(config.training == TrainingConfig(length: .iterations(3000)))
    #expect(config.evaluation == EvaluationConfig())
    #expect(config.checkpoint == CheckpointConfig())
    #expect(config.log == LogConfig())
    #expect(config.engine == EngineConfig())
  }

  @Test func everyKey() throws {
    let config = try load(Example.full).config
    #expect(config.name == "streets-both")
    #expect(config.seed == 7)
    #expect(
      config.data
        == DataConfig(
          layout: "folders", root: "data/own", train: "a", validation: "b",
          classes: .list([
            ClassInfo("ground", RGB(0, 0, 0)), ClassInfo("thing", RGB(255, 128, 7)),
          ]),
          labelMap: [
            LabelMapping(stored: 255, target: .index(1)), LabelMapping(stored: 7, target: .ignore),
          ], ignoreIndex: 200, size: PixelSize(height: 360, width: 480),
          preprocessing: .recallCode, resize: .pil, mean: [0.5, 0.25, 0.125], std: [1, 0.5, 0.25],
          channelOrder: .bgr, workers: 3, cacheMegabytes: 64, onBadSample: .skip,
          images: "pictures/{split}",
          masks: "labels/{name}.png", list: "{split}.txt"))
    #expect(
      config.augment
        == AugmentConfig(
          scale: .range(0.5...2), cropSize: PixelSize(height: 240, width: 320), flip: 0.5,
          colorJitter: ColorJitterConfig(brightness: 0.4, contrast: 0.3, saturation: 0.2)))
    #expect(
      config.model
        == ModelConfig(
          architecture: .fcn, backbone: .resnet18, outputStride: 32, auxHead: true, auxWeight: 0.4,
          dropout: 0.1, weights: "start.safetensors", weightsScope: .backbone,
          trainOnly: ["classifier"], frozenBatchNorm: .fixed))
    #expect(
      config.loss
        == LossConfig(
          terms: [
            LossTermConfig(
              CrossEntropy(), weight: 0.5, group: .second, classWeights: .values([1, 2.5])),
            LossTermConfig(CrossEntropy(), group: .second, classWeights: .effective(beta: 0.9999)),
            LossTermConfig(
              CrossEntropy(), group: .first,
              classWeights: ClassWeightsConfig(.median, variant: .recallCode)),
            LossTermConfig(
              LDAM(scale: 10, largestMargin: 0.25, deferredStart: 0.5), group: .first,
              classWeights: .effective(beta: nil)),
            LossTermConfig(
              CrossEntropy(), group: .first,
              classWeights: ClassWeightsConfig(.inverseMeanOne, variant: .schedulingCode)),
            LossTermConfig(RecallLoss(variant: .recallCode), group: .first),
          ], schedule: AlternatingSchedule(start: 0.25, end: 0.75)))
    #expect(
      config.training
        == TrainingConfig(
          length: .epochs(30), batchSize: 8, shuffle: false, dropLast: false, accumulate: 2,
          clipNorm: 1.5, emaDecay: 0.999))
    #expect(config.optimizer.noDecay == [.batchNorm, .bias])
    #expect(
      config.evaluation
        == EvaluationConfig(
          interval: 50, batchSize: 2, scoreSize: .input, absentClasses: .countFalsePositives,
          recallRate: .f1))
    #expect(
      config.checkpoint
        == CheckpointConfig(
          interval: 60, keep: 1, bestBy: [BestScore(.macroF1), BestScore(.recall, class: "thing")]))
    #expect(config.log == LogConfig(interval: 1, tensorboard: false, traces: true, traceGamma: 2))
    #expect(
      config.engine
        == EngineConfig(threads: 2, convolution: .direct, recompute: .segments, fusion: false))
  }

  @Test(arguments: [Example.least, Example.full])
  func resolvedDocumentGivesTheSameRun(text: String) throws {
    let first = try load(text)
    let again = try load(first.resolved.pretty, name: "runs/other/config.json")
    #expect(again == first)
    #expect(again.resolved.pretty == first.resolved.pretty)
    #expect(try load(first.resolved.compact) == first)
  }

  @Test func resolvedDocumentHasEveryKey() throws {
    let resolved = try load(Example.least).resolved
    guard case .object(let sections) = resolved else {
      Issue.record("not an object")
      return
    }
    #expect(
      sections.map(\.key) == [
        "name", "seed", "data", "augment", "model", "loss", "optimizer", "lr_schedule", "training",
        "evaluation", "checkpoint", "log", "engine",
      ])
    #expect(resolved["optimizer"]?["eps"] == .number(1e-8))
    #expect(resolved["data"]?["mean"] == .array([.number(0.485), .number(0.456), .number(0.406)]))
    #expect(resolved["training"]?["epochs"] == .null)
  }

  @Test func overrides() throws {
    let loaded = try load(
      Example.least, "optimizer.lr=0.5", "optimizer.lr=0.25", "loss.terms.0.weight=2",
      "name=007", "augment.flip=0.5", "training={\"epochs\": 4}", "data.root=", "data.root=/a=b",
      "model.weights=null", "checkpoint.best_by=[\"iou[Sky]\"]")
    #expect(loaded.resolved["optimizer"]?["lr"] == .number(0.25))
    #expect(loaded.resolved["loss"]?["terms"] != nil)
    #expect(loaded.resolved.compact.contains("\"weight\":2"))
    #expect(loaded.config.augment.flip == 0.5)
    #expect(loaded.config.training.length == .epochs(4))
    #expect(loaded.config.data.root == "/a=b")
    #expect(loaded.config.model.weights == nil)
    #expect(loaded.config.name == "007")
    #expect(loaded.config.checkpoint.bestBy == [BestScore(.iou, class: "Sky")])
  }

  @Test(arguments: [
    ("a/b/streets.json", "streets"), ("x.y.json", "x.y"), ("plain", "plain"), (".json", "run"),
    ("/dev/", "dev"),
  ])
  func nameFromFile(path: String, name: String) throws {
    #expect(try load(Example.least, name: path).config.name == name)
  }
}
