public import SegCore
public import SegEngine

/// Drops elements while training, as `torch.nn.Dropout`; the mask is a function of seed, iteration and place.
public struct DropoutLayer: Sendable {
  let probability: Double
  let path: String

  public init(_ scope: Scope, probability: Double) {
    self.probability = probability
    path = scope.path
  }

  public func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    guard x.graph.mode.isTraining, probability > 0 else { return x }
    let op = Dropout(probability: probability, stream: CounterRNG.stream(path))
    return try x.graph.emit(op, [x], path: path)[0]
  }
}
