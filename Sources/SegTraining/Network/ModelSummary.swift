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
    let inference = try InferencePlan(network, key, loss: nil)
    var counted: Set<String> = []
    rows = inference.plan.layers.compactMap { layer in
      // Normalisation shows as several operations; its parameters are counted with the first.
      let names = layer.parameters.filter { counted.insert($0.name).inserted }
      return Row(
        path: layer.path, operation: layer.operation, output: layer.output,
        parameters: names.reduce(0) { $0 + $1.filedShape.count }, multiplyAdds: layer.multiplyAdds)
    }
    multiplyAdds = rows.reduce(0) { $0 + $1.multiplyAdds }
    let trainable = try network.parameters(under: config.model.trainOnly)
    let builder = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: shape.classes,
      ignoreIndex: config.data.ignoreIndex, classWeights: config.loss.terms.map { _ in nil })
    let training = try TrainingPlan(
      network, loss: builder, batch: batchSize, height: shape.height, width: shape.width,
      trainable: trainable, fixedStatistics: [], recompute: config.engine.recompute)
    memory = .training(
      network.store, optimizerStates: config.optimizer.makeOptimizer().stateNames.count,
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
            "output": .array(row.output.dims.map { .integer($0) }),
            "parameters": .integer(row.parameters), "multiply_adds": .integer(row.multiplyAdds),
          ])
        }),
    ])
  }

  public var text: String {
    let header = ["layer", "operation", "output [N, H, W, C]", "parameters", "MACs"]
    let cells = rows.map { row in
      [
        row.path, row.operation, "\(row.output)", row.parameters == 0 ? "" : "\(row.parameters)",
        row.multiplyAdds == 0 ? "" : fixed(Double(row.multiplyAdds) / 1e6, 2) + " M",
      ]
    }
    let widths = header.indices.map { column in
      ([header] + cells).map { $0[column].count }.max() ?? 0
    }
    let lines = ([header] + cells).map { row in
      row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        return column < 3 ? text + space : space + text
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
      + "\(parameters) parameters, \(fixed(Double(multiplyAdds) / 1e9, 2)) G multiply-adds for one \(shape.width)x\(shape.height) image\n"
      + "training with batch_size \(batchSize): \(memory.text)"
  }
}
