public import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels
import SegOptim

/// A network layer by layer: shapes, parameters, multiply-adds, and the memory a run is planned to take.
public struct ModelSummary: Sendable {
  struct Row: Sendable {
    var path, operation: String
    /// Where the operation has a choice.
    var algorithm: String?
    var output: Shape
    var parameters: Int
    /// Multiply-adds of one image.
    var multiplyAdds: Int

    /// Part of the head that takes part in training only.
    var isAuxiliary: Bool { path.isUnder("aux_classifier") }
  }

  /// Work and weights of some rows.
  struct Totals: Sendable {
    var parameters, multiplyAdds: Int

    init(_ rows: [Row]) {
      parameters = rows.reduce(0) { $0 + $1.parameters }
      multiplyAdds = rows.reduce(0) { $0 + $1.multiplyAdds }
    }
  }

  let rows: [Row]
  /// All parameters, those of the auxiliary head included.
  let parameters: Int
  /// Of a forward pass without the auxiliary head.
  let multiplyAdds: Int
  /// `nil` where there is no such head.
  let auxiliary: Totals?
  let memory: MemoryPlan
  let shape: InputShape
  let batchSize: Int
  /// Of the pictures that are scored.
  let evaluated: PixelSize
  let testTime: TestTimeConfig

  public init(_ config: RunConfig) throws {
    shape = try InputShape(config)
    batchSize = config.training.batchSize
    let network = Network(ModelOptions(config.model, classes: shape.classes))
    parameters = network.store.parameterCount
    // Layer by layer as the network declares them: rewrites would move their parameters elsewhere.
    let graph = Graph(.inference, convolution: config.engine.convolution.policy)
    let output: SegmentationOutput
    do throws(ShapeError) {
      output = try network.model(
        graph.input("image", TensorType([1, shape.height, shape.width, 3])), withAuxiliary: true)
    } catch {
      throw error.failure(batch: 1, shape)
    }
    let plan = Plan(graph, keeping: [output.logits] + (output.auxiliary.map { [$0] } ?? []))
    var counted: Set<String> = []
    rows = plan.layers.compactMap { layer in
      // Of running statistics alone, once for all pictures.
      if layer.operation == InverseStandardDeviation.name { return nil }
      // Normalisation shows as several operations; its parameters are counted with the first.
      let names = layer.parameters.filter { counted.insert($0.name).inserted }
      return Row(
        path: layer.path, operation: layer.operation, algorithm: layer.algorithm,
        output: layer.output,
        parameters: names.reduce(0) { $0 + $1.filedShape.count }, multiplyAdds: layer.multiplyAdds)
    }
    multiplyAdds = Totals(rows.filter { !$0.isAuxiliary }).multiplyAdds
    auxiliary = config.model.auxHead ? Totals(rows.filter(\.isAuxiliary)) : nil
    let trainable = try network.parameters(under: config.model.trainOnly)
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: shape.classes,
      ignoreIndex: config.data.ignoreIndex, classWeights: config.loss.terms.map { _ in nil },
      remembersIn: network)
    let training: TrainingPlan
    do throws(ShapeError) {
      training = try TrainingPlan(
        network, loss: builder, batch: batchSize, height: shape.height, width: shape.width,
        trainable: trainable, fixedStatistics: [], engine: config.engine)
    } catch {
      throw error.failure(batch: batchSize, shape)
    }
    // Where the data are not at hand, pictures are taken to be as large as what is trained on.
    let known = try (try? FileDataset(config.data, split: config.data.validation)).map {
      try EvaluationMemory.sizes($0, config.inputSize)
    }
    let sizes =
      known.flatMap { $0.isEmpty ? nil : $0 }
      ?? [
        config.data.size ?? PixelSize(height: shape.height, width: shape.width):
          config.evaluation.batchSize
      ]
    let evaluation: EvaluationMemory
    do {
      evaluation = try EvaluationMemory(network, builder, config, sizes: sizes)
    } catch let error as ShapeError {
      throw Failure(.badConfig, "evaluation", error.description)
    }
    evaluated = evaluation.input
    testTime = config.evaluation.testTime
    memory = .training(
      network.store, optimizerStates: config.optimizer.makeOptimizer().stateNames.count,
      isAveraged: config.training.emaDecay != nil,
      plan: training.plan, evaluation: evaluation, workers: config.engine.threads ?? Machine.cores,
      aheadBytes: training.plan.inputBytes
        * LoaderOptions.batchesInUse(workers: config.data.workers))
  }

  public var json: JSONValue {
    .fields([
      "classes": .integer(shape.classes), "height": .integer(shape.height),
      "width": .integer(shape.width), "parameters": .integer(parameters),
      "multiply_adds": .integer(multiplyAdds),
      "auxiliary": auxiliary.map { totals in
        .fields([
          "parameters": .integer(totals.parameters),
          "multiply_adds": .integer(totals.multiplyAdds),
        ])
      } ?? .null,
      "planned_bytes": memory.json,
      "layers": .array(
        rows.map { row in
          .fields([
            "path": .string(row.path), "operation": .string(row.operation),
            "algorithm": row.algorithm.map { .string($0) } ?? .null,
            "output": .array(row.output.dims.map { .integer($0) }),
            "parameters": .integer(row.parameters), "multiply_adds": .integer(row.multiplyAdds),
          ])
        }),
    ])
  }

  public var text: String {
    // Only where an operation has a choice is there anything to tell.
    let hasChoice = rows.contains { $0.algorithm != nil }
    var table = TextTable(
      [.left("layer"), .left("operation")] + (hasChoice ? [.left("algorithm")] : [])
        + [.left("output [N, H, W, C]"), .right("parameters"), .right("MACs")])
    for row in rows {
      table.add(
        [row.path, row.operation] + (hasChoice ? [row.algorithm ?? ""] : []) + [
          "\(row.output)", row.parameters == 0 ? "" : "\(row.parameters)",
          row.multiplyAdds == 0 ? "" : fixed(Double(row.multiplyAdds) / 1e6, 2) + " M",
        ])
    }
    let extra =
      auxiliary.map { totals in
        "the auxiliary head has \(totals.parameters) of these parameters and does \(fixed(Double(totals.multiplyAdds) / 1e9, 2)) G more multiply-adds, in training only\n"
      } ?? ""
    return table.text + "\n"
      + "\(parameters) parameters, \(fixed(Double(multiplyAdds) / 1e9, 2)) G multiply-adds for one \(shape.width)x\(shape.height) image\n"
      + extra
      + "training with batch_size \(batchSize), evaluation of \(evaluated) pictures\(testTime.words): \(memory.text)"
  }
}
