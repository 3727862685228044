import SegCore
public import SegData
import SegEngine
import SegMetrics

/// What `predict` can write for a picture.
public enum PredictionOutput: String, Sendable, CaseIterable {
  /// `<stem>.png`: class indices, palette attached.
  case index
  /// `<stem>_color.png`: class colours.
  case color
  /// `<stem>_overlay.png`: class colours over the picture.
  case overlay
  /// `<stem>_confidence.png`: probability of the predicted class, 0 black to 255 white.
  case confidence
  /// `<stem>_logits.safetensors`: the scores themselves, `logits` `[classes, height, width]`, for other tools.
  case logits
  /// As Cityscapes' server takes them, see `BenchmarkFormat`.
  case cityscapes
  /// As PASCAL VOC's server takes them, see `BenchmarkFormat`.
  case voc

  var benchmark: BenchmarkFormat? { BenchmarkFormat(rawValue: rawValue) }

  func path(folder: String, stem: String) -> String {
    if let benchmark { return benchmark.path(folder: folder, stem: stem) }
    let name =
      switch self {
      case .index: "\(stem).png"
      case .logits: "\(stem)_logits.safetensors"
      default: "\(stem)_\(rawValue).png"
      }
    return FilePath.join(folder, name)
  }
}

/// Predicts single pictures at their own size, in memory that does not grow with their number.
public struct Predictor {
  let config: DataConfig
  let classes: Int
  let table: ClassTable
  let normalization: Normalization
  let colors: ClassColors
  let runner: InferenceRunner
  let testTime: TestTimeConfig
  let inputSize: InputSize

  /// - Parameters:
  ///   - palette: colours of the classes, in order.
  ///   - inputSize: what the network sees; `data.size` unless given.
  ///   - testTime: windows and views.
  public init(
    _ config: DataConfig, palette: [ClassInfo], runner: InferenceRunner,
    inputSize: InputSize? = nil, testTime: TestTimeConfig = TestTimeConfig()
  ) throws {
    self.config = config
    self.inputSize = inputSize ?? InputSize(config, shortSide: nil)
    self.testTime = testTime
    classes = palette.count
    table = try FileDataset.table(config)
    normalization = try Normalization(config)
    colors = ClassColors(palette, ignoreIndex: UInt8(clamping: config.ignoreIndex))
    self.runner = runner
  }

  /// Predicts the picture at `path` and writes what is asked for into `folder`.
  ///
  /// - Returns: the files written.
  @discardableResult
  public func predict(
    _ path: String, stem: String, into folder: String, saving outputs: [PredictionOutput]
  ) throws -> [String] {
    let picture = try ImageFile.readRaster(path)
    let map = try predict(picture, place: path, keepingLogits: outputs.contains(.logits))
    var written: [String] = []
    for output in outputs {
      let target = output.path(folder: folder, stem: stem)
      switch output {
      case .index: try PNGEncoder.write(map.labels.withPalette(colors), to: target)
      case .color: try PNGEncoder.write(map.labels.colored(colors), to: target)
      case .overlay:
        try PNGEncoder.write(picture.overlaid(with: map.labels.colored(colors)), to: target)
      case .confidence:
        let gray = Raster.confidence(
          map.confidence, height: picture.height, width: picture.width)
        try PNGEncoder.write(gray, to: target)
      case .cityscapes, .voc:
        guard let result = try output.benchmark?.result(map.labels, table: table) else { continue }
        try FileSystem.standard.makeDirectories(FilePath.parent(of: target))
        try PNGEncoder.write(result, to: target)
      case .logits:
        let shape: Shape = [classes, picture.height, picture.width]
        try AtomicFile.write(target) { file throws(Failure) in
          let tensor = TensorSource(name: "logits", shape: shape) { map.logits }
          try SafetensorsWriter.write([tensor], to: file)
        }
      }
      written.append(target)
    }
    return written
  }

  /// Classes and their probabilities, `[height, width]` of the picture.
  struct Map {
    var labels: LabelMap
    var confidence: [Float]
    /// `[classes, height, width]`; empty where they are not kept.
    var logits: [Float] = []
  }

  func predict(_ picture: Raster, place: String, keepingLogits: Bool = false) throws -> Map {
    let input = try picture.resized(
      to: inputSize.size(of: picture.size, name: place), by: config.resize)
    guard testTime.isPlain else {
      guard !keepingLogits else {
        throw Failure(
          .usage, "--save logits", "windows and views are averaged as probabilities, not as logits",
          hint: "leave out --window, --scales, --flip and their keys under evaluation")
      }
      return try average(input, for: picture, place)
    }
    let key = InferencePlan.Key(
      batch: 1, height: input.height, width: input.width,
      outputHeight: picture.height, outputWidth: picture.width, scoresLoss: false)
    var pixels = [Float](repeating: 0, count: 3 * input.height * input.width)
    pixels.withUnsafeMutableBufferPointer { normalization.write(input, to: $0) }
    let logits = try pixels.withUnsafeBufferPointer { try runner.run(key, images: $0).logits }
    let count = picture.height * picture.width
    var labels = [UInt8](repeating: 0, count: count)
    var confidence = [Float](repeating: 0, count: count)
    let broken = try labels.withUnsafeMutableBufferPointer { labels in
      try confidence.withUnsafeMutableBufferPointer { confidence in
        try Evaluation.predict(
          logits: UnsafeBufferPointer(logits).span, classes: classes, prediction: labels,
          confidence: confidence, place: place, pool: runner.pool)
      }
    }
    try requireFinite(broken: Int(broken), place)
    var map = Map(
      labels: LabelMap(height: picture.height, width: picture.width, pixels: labels),
      confidence: confidence)
    if keepingLogits {
      map.logits.reserveCapacity(classes * count)
      for label in 0..<classes {
        for pixel in 0..<count { map.logits.append(logits[pixel * classes + label]) }
      }
    }
    return map
  }

  /// The same from averaged probabilities.
  private func average(_ input: Raster, for picture: Raster, _ place: String) throws -> Map {
    let inference = TestTimeInference(
      config: testTime, classes: classes, normalization: normalization,
      resize: config.resize, runner: runner)
    let (own, other) = (picture.size, input.size)
    var map = ProbabilityMap(size: own, classes: classes)
    if own == other {
      try inference.run(input) { map.decide($0) }
    } else {
      // Resizing needs rows above and below; this size is the network's, and small.
      var whole: [Float] = []
      whole.reserveCapacity(other.height * other.width * classes)
      try inference.run(input) { whole.append(contentsOf: $0.probabilities) }
      whole.withUnsafeBufferPointer { map.decide($0, of: other) }
    }
    try requireFinite(broken: map.broken, place)
    return Map(
      labels: LabelMap(height: own.height, width: own.width, pixels: map.labels),
      confidence: map.confidence)
  }

  private func requireFinite(broken: Int, _ place: String) throws {
    guard broken == 0 else {
      throw Failure(
        .diverged, place, "the network's scores are not finite at \(broken) pixels",
        hint: "the weights are damaged or training diverged: use an earlier checkpoint")
    }
  }
}
