import Glibc
public import SegCore

/// How a parameter starts. Fans are counted from the shape in files, `[O, I, H, W]`.
public enum Initializer: Hashable, Sendable {
  case constant(Float)
  /// Normal with variance `2 / (O·H·W)`: `kaiming_normal_(mode="fan_out", nonlinearity="relu")`.
  case kaimingNormalFanOut
  /// Normal with variance `2 / (I·H·W)`: `kaiming_normal_` with its defaults.
  case kaimingNormalFanIn
  /// Uniform within `±1/√fanIn`: PyTorch's default for weights and biases of convolutions.
  case uniform(fanIn: Int)

  /// Values in file order, a pure function of seed and name.
  public func values(_ shape: Shape, seed: UInt64, name: String) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(shape.count)
    draw(shape, from: 0, seed: seed, name: name) { next in
      for _ in 0..<shape.count { values.append(next()) }
    }
    return values
  }

  /// Hands `body` a function that returns one value after the other in file order, from element `start` on.
  func draw(
    _ shape: Shape, from start: Int, seed: UInt64, name: String, _ body: (() -> Float) -> Void
  ) {
    var rng = CounterRNG(seed: seed, stream: CounterRNG.stream(name))
    switch self {
    case .constant(let value):
      body { value }
    case .kaimingNormalFanOut, .kaimingNormalFanIn:
      let fan = shape.count / (self == .kaimingNormalFanOut ? shape[1] : shape[0])
      let deviation = (2 / Double(fan)).squareRoot()
      rng.skip(2 * start)
      body { Float(deviation * Self.normal(&rng)) }
    case .uniform(let fanIn):
      let bound = 1 / Double(fanIn).squareRoot()
      rng.skip(start)
      body { Float(rng.uniform(-bound, bound)) }
    }
  }

  /// Box and Muller's transform; one of the pair is thrown away to keep one draw per element simple.
  private static func normal(_ rng: inout CounterRNG) -> Double {
    let radius = (-2 * log(1 - rng.uniform())).squareRoot()
    return radius * cos(2 * Double.pi * rng.uniform())
  }
}
