public import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels
import SegOptim

/// A network layer by layer: shapes, parameters, multiply-adds, and the memory training it is planned to take.
public struct ModelSummary: Sendable {
  struct Row: Sendable {
    var path, operation: String
    /// Where the operation has a choice.
    var algorithm: String?
    var output: Shape
    var parameters: Int
    /// Multiply-adds of one image.
    var multiplyAdds: Int
  }

  let rows: [Row]
  let parameters: Int
  let multiplyAdds: Int
  let memory: MemoryPlan
  let shape: InputShape
  let batchSize: Int

  public init(_ config: RunConfig) throws {
    shape = try InputShape(config)
    batchSize = config.training.batchSize
    let network = Network(ModelOptions(config.model, classes: shape.classes))
    parameters = network.store.parameterCount
    let key = InferencePlan.Key(
      batch: 1, height: shape.height, width: shape.width, outputHeight: shape.height,
      outputWidth: shape.width, scoresLoss: false)
    // Layer by layer as the network declares them: rewrites would move their parameters elsewhere.
    var engine = config.engine
    engine.fusion = false
    let inference = try InferencePlan(network, key, loss: nil, engine: engine)
    var counted: Set<String> = []
    rows = inference.plan.layers.compactMap { layer in
      // Of running statistics alone, once for all pictures.
      if layer.operation == InverseStandardDeviation.name { return nil }
      // Normalisation shows as several operations; its parameters are counted with the first.
      let names = layer.parameters.filter { counted.insert($0.name).inserted }
      return Row(
        path: layer.path, operation: layer.operation, algorithm: layer.algorithm,
        output: layer.output,
        parameters: names.reduce(0) { $0 + $1.filedShape.count }, multiplyAdds: layer.multiplyAdds)
    }
    multiplyAdds = rows.reduce(0) { $0 + $1.multiplyAdds }
    let trainable = try network.parameters(under: config.model.trainOnly)
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: shape.classes,
      ignoreIndex: config.data.ignoreIndex, classWeights: config.loss.terms.map { _ in nil })
    let training: TrainingPlan
    do throws(ShapeError) {
      training = try TrainingPlan(
        network, loss: builder, batch: batchSize, height: shape.height, width: shape.width,
        trainable: trainable, fixedStatistics: [], engine: config.engine)
    } catch {
      throw error.failure(batch: batchSize, shape)
    }
    memory = .training(
      network.store, optimizerStates: config.optimizer.makeOptimizer().stateNames.count,
      isAveraged: config.training.emaDecay != nil,
      plan: training.plan, workers: config.engine.threads ?? Machine.cores,
      aheadBytes: training.plan.inputBytes
        * LoaderOptions.batchesInUse(workers: config.data.workers))
  }

  public var json: JSONValue {
    .fields([
      "classes": .integer(shape.classes), "height": .integer(shape.height),
      "width": .integer(shape.width), "parameters": .integer(parameters),
      "multiply_adds": .integer(multiplyAdds), "planned_bytes": memory.json,
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
    return table.text + "\n"
      + "\(parameters) parameters, \(fixed(Double(multiplyAdds) / 1e9, 2)) G multiply-adds for one \(shape.width)x\(shape.height) image\n"
      + "training with batch_size \(batchSize): \(memory.text)"
  }
}
