public import SegCore

/// One operation of the engine: its typing rule, its kernel and its gradient, together in one file.
///
/// An operation is a value that holds its attributes (stride, rate, …). It knows nothing of modules, losses
/// or optimisers. A new one needs no edit anywhere else: emitting it is using it.
public protocol Op: Sendable {
  /// The field's name for it, used in messages, plans and profiles.
  static var name: String { get }

  var traits: OpTraits { get }

  /// Types of the outputs, or why these inputs do not fit.
  func infer(_ inputs: [TensorType]) throws(ShapeError) -> [TensorType]

  /// Bytes of scratch memory `run` needs with `workers` threads; contents do not survive the call.
  func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int

  /// Multiply-adds of one call, as summaries count them: those of convolutions; 0 for everything else.
  func multiplyAdds(_ inputs: [TensorType]) -> Int

  /// The algorithm chosen for these inputs, as summaries and profiles show it; `nil` where there is no choice.
  func algorithm(_ inputs: [TensorType]) -> String?

  /// What distinguishes it from others of its name in tables by kind, e.g. `3x3 dilation 2`; `nil` for nothing.
  func kind(_ inputs: [TensorType]) -> String?

  /// Computes the outputs. Called every step: it must not allocate, throw or lock.
  func run(_ call: borrowing KernelCall)

  /// Emits the operations that carry the gradient from the outputs to the inputs that need it.
  func differentiate(_ builder: GradientBuilder) throws(ShapeError)
}

extension Op {
  public var traits: OpTraits { OpTraits() }
  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int { 0 }
  public func multiplyAdds(_ inputs: [TensorType]) -> Int { 0 }
  public func algorithm(_ inputs: [TensorType]) -> String? { nil }
  public func kind(_ inputs: [TensorType]) -> String? { nil }

  /// Operations that only exist in gradients are not differentiated again.
  public func differentiate(_ builder: GradientBuilder) throws(ShapeError) {
    throw ShapeError(op: Self.name, "has no gradient (second derivatives are not supported)")
  }

  /// Throws unless `condition` holds; the message says what was expected and found.
  package func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(ShapeError) {
    if !condition { throw ShapeError(op: Self.name, message()) }
  }
}

/// What the planner may assume about an operation.
public struct OpTraits: Sendable {
  /// Inputs that output 0 may be written over (same size, element by element), the best first.
  public var overwrites: [Int]
  /// Every output can be added to what is there instead of stored.
  public var accumulates: Bool
  /// Inputs that are buffers and are updated by the call.
  public var updates: [Int]
  /// Takes hardly longer than reading inputs and writing outputs, so that computing it again can be
  /// better than keeping its outputs.
  public var isCheap: Bool

  /// - Parameters:
  ///   - inPlace: output 0 may be written over input 0.
  ///   - alsoOver: further inputs that output 0 may be written over.
  public init(
    inPlace: Bool = false, alsoOver: [Int] = [], accumulates: Bool = false, updates: [Int] = [],
    isCheap: Bool = false
  ) {
    overwrites = (inPlace ? [0] : []) + alsoOver
    self.accumulates = accumulates
    self.updates = updates
    self.isCheap = isCheap
  }
}

/// What changes from step to step and is not a tensor.
public struct StepContext: Sendable {
  public var seed: UInt64 = 0
  /// Training iteration, counted from 0; keys dropout.
  public var step: UInt64 = 0
  /// What step inputs are filled from.
  public var time = TrainingTime.end
  /// Parameter gradients add to what is there (gradient accumulation over several batches).
  public var accumulateGradients = false

  public init() {}
}

/// The pointers and sizes one operation sees when it runs, fixed when the plan is bound to memory.
public struct KernelCall {
  /// Types of the inputs and outputs.
  public let inputs: [TensorType]
  public let outputs: [TensorType]
  let pointers: UnsafePointer<UnsafeMutableRawPointer>
  /// Bit `i`: output `i` adds to what is there; bit 32 + `i`: it does when the step accumulates gradients.
  let accumulateMask: UInt64
  let context: UnsafePointer<StepContext>
  /// Scratch memory of `workspaceBytes`, aligned to 64 bytes.
  public let workspace: UnsafeMutableRawPointer
  public let pool: OpaquePointer

  public var step: StepContext { context.pointee }

  public func input(_ index: Int) -> UnsafePointer<Float> { input(index, as: Float.self) }

  public func input<Element>(_ index: Int, as: Element.Type) -> UnsafePointer<Element> {
    UnsafePointer(pointers[index].assumingMemoryBound(to: Element.self))
  }

  public func output(_ index: Int) -> UnsafeMutablePointer<Float> { output(index, as: Float.self) }

  public func output<Element>(_ index: Int, as: Element.Type) -> UnsafeMutablePointer<Element> {
    pointers[inputs.count + index].assumingMemoryBound(to: Element.self)
  }

  /// A buffer input the operation declared in `traits.updates`.
  public func updated<Element>(
    _ index: Int, as: Element.Type = Float.self
  ) -> UnsafeMutablePointer<Element> {
    pointers[index].assumingMemoryBound(to: Element.self)
  }

  /// Whether output `index` is added to what is there; otherwise it is stored.
  public func accumulates(_ index: Int) -> Bool {
    (accumulateMask >> UInt64(index)) & 1 == 1
      || (context.pointee.accumulateGradients && (accumulateMask >> UInt64(32 + index)) & 1 == 1)
  }

  /// The same as C wants it.
  public func accumulateFlag(_ index: Int) -> Int32 { accumulates(index) ? 1 : 0 }
}
