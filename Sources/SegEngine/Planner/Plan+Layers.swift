public import SegCore

extension Plan {
  /// One operation of a plan, as a summary shows it.
  public struct Layer: Sendable {
    public var path, operation: String
    public var output: Shape
    public var parameters: [Parameter]
    /// Multiply-adds of this operation, all images of the batch together; 0 where none is worth counting.
    public var multiplyAdds: Int
    /// Where the operation has a choice.
    public var algorithm: String?
  }

  /// The operations that have outputs, in the order they run.
  public var layers: [Layer] {
    steps.compactMap { step in
      guard let output = step.outputs.first else { return nil }
      let inputs = step.inputs.map { types[$0.index] }
      return Layer(
        path: step.path, operation: type(of: step.op).name, output: types[output.index].shape,
        parameters: step.inputs.compactMap { value in
          if case .parameter(let parameter) = locations[value.index] { parameter } else { nil }
        },
        multiplyAdds: step.op.multiplyAdds(inputs), algorithm: step.op.algorithm(inputs))
    }
  }

  /// By step: whether it belongs to the gradient.
  public var gradientSteps: [Bool] { steps.map(\.isGradient) }
}
