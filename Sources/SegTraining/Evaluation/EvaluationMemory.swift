import SegCore
import SegData
import SegEngine
import SegModels

/// What scoring a split takes: the forward passes that are kept planned, pictures decoded ahead, averages of views.
struct EvaluationMemory {
  /// Whichever may be in use; they take turns in the memory of a step.
  private(set) var plans: [Plan] = []
  /// Prepared weights of those that are kept at one time.
  private(set) var preparedBytes = 0
  /// Pictures and labels that are decoded before they are needed.
  private(set) var aheadBytes = 0
  /// Averages of windows and views, beside the plans.
  private(set) var viewBytes = 0

  /// The largest size at which the network is given pictures, before windows and views.
  private(set) var input = PixelSize(height: 0, width: 0)

  /// Nothing is scored.
  init() {}

  /// - Parameters:
  ///   - sizes: of the labels, each with the number of pictures that have it; those of a size that is not known yet
  ///     count as one.
  init(
    _ network: Network, _ loss: LossBuilder, _ config: RunConfig, sizes: [PixelSize: Int]
  ) throws {
    // No other takes more.
    guard let largest = Self.largest(sizes.keys) else { return }
    var inputs: [PixelSize: PixelSize] = [:]
    for size in sizes.keys { inputs[size] = try config.inputSize.size(of: size) }
    input = Self.largest(inputs.values) ?? largest
    let isOriginal = config.evaluation.scoreSize == .original
    let output = isOriginal ? largest : input
    let isPlain = config.evaluation.testTime.isPlain
    let perPicture =
      largest.area + input.area * (3 * MemoryLayout<Float>.size + 1 + (isPlain ? 0 : 3))
    aheadBytes =
      perPicture
      * EvaluationLoader.picturesInUse(
        batchSize: config.evaluation.batchSize, workers: config.data.workers)
    if isPlain {
      try planWhole(
        network, loss, config, sizes: sizes, input: input, output: output,
        isOneSize: sizes.count == 1 || (Set(inputs.values).count == 1 && !isOriginal))
    } else {
      try planViews(network, loss, config, inputs: Set(inputs.values), output: output)
    }
  }

  /// One plan for each kind of batch: for every size a full one and a smaller last one.
  private mutating func planWhole(
    _ network: Network, _ loss: LossBuilder, _ config: RunConfig, sizes: [PixelSize: Int],
    input: PixelSize, output: PixelSize, isOneSize: Bool
  ) throws(ShapeError) {
    func plan(batch: Int) throws(ShapeError) -> Plan {
      let key = InferencePlan.Key(
        batch: batch, height: input.height, width: input.width, outputHeight: output.height,
        outputWidth: output.width, scoresLoss: true)
      return try InferencePlan(network, key, loss: loss, engine: config.engine).plan
    }
    let count = sizes.values.reduce(0, +)
    let batch = min(config.evaluation.batchSize, count)
    plans = [try plan(batch: batch)]
    if isOneSize, count % batch > 0 { plans.append(try plan(batch: count % batch)) }
    let kinds = isOneSize ? plans.count : sizes.count * (batch > 1 ? 2 : 1)
    preparedBytes = Self.preparedBytes(plans, kept: min(kinds, InferenceRunner.capacity))
  }

  /// One plan for each scale of a window, and that of the loss, which is computed from the averages.
  private mutating func planViews(
    _ network: Network, _ loss: LossBuilder, _ config: RunConfig, inputs: Set<PixelSize>,
    output: PixelSize
  ) throws(ShapeError) {
    let testTime = config.evaluation.testTime
    func keys(_ size: PixelSize) -> [InferencePlan.Key] {
      let window = WindowGrid(of: size, window: testTime.window, overlap: testTime.overlap)
        .windowSize
      return testTime.scales.map { scale in
        let view = TestTimeInference.viewSize(of: window, scale: scale)
        return InferencePlan.Key(
          batch: 1, height: view.height, width: view.width, outputHeight: window.height,
          outputWidth: window.width, scoresLoss: false)
      }
    }
    let all = Set(inputs.flatMap { keys($0) })
    let own = keys(input)
    for key in Set(own) {
      plans.append(try InferencePlan(network, key, loss: loss, engine: config.engine).plan)
    }
    preparedBytes = Self.preparedBytes(plans, kept: min(all.count, InferenceRunner.capacity))
    let classes = network.options.classes
    plans.append(
      try LossPlan(
        loss, LossPlan.Shape(height: output.height, width: output.width, classes: classes)
      ).plan)
    let pixel = classes * MemoryLayout<Float>.size
    let view = own.map { 3 * $0.height * $0.width * MemoryLayout<Float>.size }.max() ?? 0
    let band = (own.first?.outputHeight ?? 0) * input.width * pixel
    viewBytes = input.area * pixel + max(band + view, output.area * pixel)
  }

  /// Of `kept` plans, where those that are not there are like the largest.
  private static func preparedBytes(_ plans: [Plan], kept: Int) -> Int {
    let sizes = plans.map(\.preparedBytes).sorted(by: >)
    return sizes.prefix(kept).reduce(0, +) + max(0, kept - sizes.count) * (sizes.first ?? 0)
  }

  private static func largest(_ sizes: some Sequence<PixelSize>) -> PixelSize? {
    // Of equals the same one every time.
    sizes.max { ($0.area, $0.height) < ($1.area, $1.height) }
  }

  /// Sizes of a split's labels and how many have them; a label that cannot be read is not scored, or has been complained
  /// about before.
  ///
  /// - Throws: `Failure` `.badConfig` naming the picture that `inputSize` would make too large.
  static func sizes(_ dataset: FileDataset, _ inputSize: InputSize) throws -> [PixelSize: Int] {
    var sizes: [PixelSize: Int] = [:]
    for index in 0..<dataset.count {
      guard let size = try? ImageFile.size(dataset.labelPath(at: index)) else { continue }
      let stored = PixelSize(height: size.height, width: size.width)
      _ = try inputSize.size(of: stored, name: dataset.imagePath(at: index))
      sizes[stored, default: 0] += 1
    }
    return sizes
  }
}

extension PixelSize {
  fileprivate var area: Int { height * width }
}
