import SegCore
public import SegEngine
import Testing

/// A golden layer computed by our engine, and the comparison with what PyTorch gave.
///
/// Parameters and buffers are those declared in a store under the golden's names (`weight`, `running_mean`, …); they and
/// their gradients pass through the layout of files on the way.
public struct GoldenLayerRun {
  let golden: GoldenLayers.Case
  /// By the golden's names, in its layout.
  private var outputs: [String: [Float]] = [:]
  private var gradients: [String: [Float]] = [:]

  /// Computes output and gradients of the layer that `build` traces onto the input.
  public init(
    _ golden: GoldenLayers.Case, store: ParameterStore = ParameterStore(),
    mode: Mode = .training, threads: Int = 2, build: (Tensor) throws -> Tensor
  ) throws {
    self.golden = golden
    let graph = Graph(mode)
    let x = graph.input("input", TensorType(try Self.channelsLast(golden.inputs["input"])))
    let y = try build(x)
    let expectedShape = try Self.channelsLast(golden.outputs["output"])
    try #require(y.shape == expectedShape, "\(golden)")
    let upstream = graph.input("upstream", y.type)
    let flowing = try graph.differentiate(
      [(y, upstream)], parameters: store.parameters, alsoFor: [x])
    let dx = try #require(flowing[0])
    try store.reserve(gradients: true)
    for parameter in store.parameters {
      store.set(parameter, to: try Self.floats(golden.inputs[parameter.name]))
    }
    let statistics = store.buffers.filter { $0.type.dtype == .float32 }
    for buffer in statistics { store.set(buffer, to: try Self.floats(golden.inputs[buffer.name])) }
    let executor = try Executor(
      Plan(graph, keeping: [y, dx]), store: store, pool: ThreadPool(threads: threads))
    executor.poison(byte: 0xFF)
    for name in ["input", "upstream"] {
      let tensor = try #require(golden.inputs[name])
      let values = GoldenLayout.channelsLast(
        try Self.floats(tensor), tensor.shape[0], channels: tensor.shape[1],
        pixels: tensor.shape[2] * tensor.shape[3])
      _ = executor.input(name).update(fromContentsOf: values)
    }
    executor.run(StepContext())
    outputs["output"] = Self.channelsFirst(executor, y)
    gradients["input"] = Self.channelsFirst(executor, dx)
    for buffer in statistics { outputs[buffer.name] = store.values(of: buffer) }
    for parameter in store.parameters {
      gradients[parameter.name] = store.gradient(of: parameter)
    }
  }

  /// Compares every output and gradient of the golden.
  ///
  /// An element may be off by float32's rounding of the largest element, times 4 and the root of the number of summed
  /// terms (errors of a sum add up as a random walk).
  ///
  /// - Parameters:
  ///   - terms: summed into one element of the output; `gradientTerms` likewise for gradients.
  ///   - slack: further roundings an element may be off by.
  public func check(terms: Int, gradientTerms: Int, slack: Double = 0) {
    let parts = [
      (golden.outputs, outputs, terms, ""),
      (golden.gradients, gradients, gradientTerms, "gradient of "),
    ]
    for (expected, found, terms, what) in parts {
      for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
        guard let values = found[name], values.count == tensor.values.count else {
          Issue.record("\(golden): no \(what)\(name) of the golden's size")
          continue
        }
        let scale = tensor.values.map { abs($0) }.max() ?? 0
        let limit = 0x1p-23 * (4 + Double(terms).squareRoot() + slack) * scale
        for (position, pair) in zip(values, tensor.values).enumerated()
        where !(abs(Double(pair.0) - pair.1) <= limit) {
          Issue.record(
            "\(golden): \(what)\(name)[\(position)] is \(pair.0), PyTorch \(pair.1) (limit \(limit))"
          )
          break
        }
      }
    }
  }

  private static func floats(_ tensor: GoldenTensor?) throws -> [Float] {
    try #require(tensor).values.map { Float($0) }
  }

  /// `[N, C, H, W]` to `[N, H, W, C]`.
  private static func channelsLast(_ tensor: GoldenTensor?) throws -> Shape {
    let shape = try #require(tensor).shape
    return [shape[0], shape[2], shape[3], shape[1]]
  }

  private static func channelsFirst(_ executor: Executor, _ tensor: Tensor) -> [Float] {
    let shape = tensor.shape
    return GoldenLayout.channelsFirst(
      Array(executor.contents(of: tensor)), shape[0], channels: shape[3],
      pixels: shape[1] * shape[2])
  }
}
