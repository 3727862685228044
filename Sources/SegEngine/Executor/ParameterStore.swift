import CSegKernels
import Glibc
public import SegCore

/// Declares parameters and buffers in order, and holds their memory.
///
/// Parameters lie one after the other in declaration order in one flat block, and their gradients in
/// another with the same offsets, so that an optimiser is one pass over a range.
public final class ParameterStore {
  public private(set) var parameters: [Parameter] = []
  public private(set) var buffers: [Buffer] = []
  /// Buffers of the run and not of the model, e.g. a loss's moving averages: no keys of a model's files.
  public private(set) var runBuffers: [Buffer] = []
  /// Parameters and buffers interleaved as declared: the order of keys in a checkpoint.
  public private(set) var keys: [Key] = []
  private var names: Set<String> = []
  private var parameterLayout = Layout(guardBytes: 0)
  private var bufferLayout = Layout(guardBytes: 0)
  private var parameterOffsets: [Int] = []
  private var bufferOffsets: [Int] = []
  private var parameterArena: Arena?
  private var gradientArena: Arena?
  private var bufferArena: Arena?
  /// Rises with every change of parameters and running statistics: what was computed from them earlier is stale.
  public private(set) var generation: UInt64 = 0

  public enum Key: Hashable, Sendable {
    case parameter(Parameter)
    case buffer(Buffer)

    public var name: String {
      switch self {
      case .parameter(let parameter): parameter.name
      case .buffer(let buffer): buffer.name
      }
    }
  }

  public init() {}

  // MARK: Declaring

  public func declareParameter(
    _ name: String, _ filedShape: Shape, layout: ParameterLayout = .asFiled
  ) -> Parameter {
    claim(name)
    let parameter = Parameter(
      index: parameters.count, name: name, filedShape: filedShape, layout: layout)
    parameters.append(parameter)
    keys.append(.parameter(parameter))
    parameterOffsets.append(parameterLayout.add(TensorType(filedShape).byteCount))
    return parameter
  }

  public func declareBuffer(_ name: String, _ type: TensorType) -> Buffer {
    let buffer = addBuffer(name, type)
    keys.append(.buffer(buffer))
    return buffer
  }

  /// A float buffer that belongs to the run: whoever resumes it restores it, files of the model do not have it.
  public func declareRunBuffer(_ name: String, _ shape: Shape) -> Buffer {
    let buffer = addBuffer(name, TensorType(shape))
    runBuffers.append(buffer)
    return buffer
  }

  private func addBuffer(_ name: String, _ type: TensorType) -> Buffer {
    claim(name)
    let buffer = Buffer(index: buffers.count, name: name, type: type)
    buffers.append(buffer)
    bufferOffsets.append(bufferLayout.add(type.byteCount))
    return buffer
  }

  private func claim(_ name: String) {
    precondition(parameterArena == nil, "\(name): declared after memory was reserved")
    precondition(names.insert(name).inserted, "\(name): declared twice")
  }

  // MARK: Memory

  public var parameterCount: Int { parameters.map(\.filedShape.count).reduce(0, +) }
  /// Bytes of the flat block of parameters; gradients take as many again.
  public var parameterBytes: Int { parameterLayout.byteCount }
  public var bufferBytes: Int { bufferLayout.byteCount }

  /// Reserves the memory; nothing can be declared afterwards. Gradients only when something learns.
  public func reserve(gradients: Bool) throws {
    if parameterArena == nil {
      parameterArena = try Arena(byteCount: parameterBytes, purpose: "parameters")
      bufferArena = try Arena(byteCount: bufferBytes, purpose: "running statistics")
    }
    if gradients, gradientArena == nil {
      gradientArena = try Arena(byteCount: parameterBytes, purpose: "gradients")
    }
  }

  /// Gives the memory back, and with it all values; `reserve` starts anew. No executor may be left.
  package func release() {
    parameterArena = nil
    gradientArena = nil
    bufferArena = nil
    generation += 1
  }

  /// Elements of the flat block that `parameter` occupies.
  public func range(of parameter: Parameter) -> Range<Int> {
    let start = parameterOffsets[parameter.index] / MemoryLayout<Float>.size
    return start..<start + parameter.filedShape.count
  }

  /// All parameters, flat; padding between them is zero.
  public var flatParameters: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(flat(parameterArena))
  }

  /// Changes parameters, given as one flat block; padding between them stays zero.
  ///
  /// The only way to change them besides `set`. The block is not to be kept.
  public func updateParameters<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    defer { generation += 1 }
    return try body(flat(parameterArena))
  }

  /// All gradients, flat, at the offsets of their parameters.
  public var flatGradients: UnsafeMutableBufferPointer<Float> { flat(gradientArena) }

  private func flat(_ arena: Arena?) -> UnsafeMutableBufferPointer<Float> {
    guard let arena else { preconditionFailure("memory used before reserve()") }
    return UnsafeMutableBufferPointer(
      start: arena.base.assumingMemoryBound(to: Float.self),
      count: parameterBytes / MemoryLayout<Float>.size)
  }

  func pointer(to parameter: Parameter) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(flat(parameterArena).baseAddress.unsafelyUnwrapped)
      + parameterOffsets[parameter.index]
  }

  func gradientPointer(to parameter: Parameter) -> UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(flatGradients.baseAddress.unsafelyUnwrapped)
      + parameterOffsets[parameter.index]
  }

  /// For operations that update buffers; who lets them says so with `buffersChanged`.
  func pointer(to buffer: Buffer) -> UnsafeMutableRawPointer {
    guard let bufferArena else { preconditionFailure("memory used before reserve()") }
    return bufferArena.base + bufferOffsets[buffer.index]
  }

  func buffersChanged() { generation += 1 }

  /// Changes running statistics, given as one block of `bufferBytes` bytes. The block is not to be kept.
  package func updateBuffers(_ body: (UnsafeMutableRawPointer) -> Void) {
    guard let bufferArena else { preconditionFailure("memory used before reserve()") }
    body(bufferArena.base)
    generation += 1
  }

  /// Where a running statistic lies in that block.
  package func byteOffset(of buffer: Buffer) -> Int { bufferOffsets[buffer.index] }

  /// Bytes of a running statistic.
  package func bytes(of buffer: Buffer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: pointer(to: buffer), count: buffer.type.byteCount)
  }

  // MARK: Contents, in file order

  /// Values of `parameter` in the order of files.
  public func values(of parameter: Parameter) -> [Float] {
    parameter.gather(flatParameters, at: range(of: parameter).lowerBound)
  }

  /// Gradient of `parameter` in the order of files.
  public func gradient(of parameter: Parameter) -> [Float] {
    parameter.gather(UnsafeBufferPointer(flatGradients), at: range(of: parameter).lowerBound)
  }

  /// Sets `parameter` from values in the order of files.
  public func set(_ parameter: Parameter, to values: [Float]) {
    updateParameters { flat in
      parameter.scatter(values, into: flat, at: range(of: parameter).lowerBound)
    }
  }

  /// Float contents of a running statistic.
  public func values(of buffer: Buffer) -> [Float] {
    precondition(buffer.type.dtype == .float32)
    let start = pointer(to: buffer).assumingMemoryBound(to: Float.self)
    return Array(UnsafeBufferPointer(start: start, count: buffer.type.shape.count))
  }

  public func set(_ buffer: Buffer, to values: [Float]) {
    precondition(buffer.type.dtype == .float32 && values.count == buffer.type.shape.count)
    let start = pointer(to: buffer).assumingMemoryBound(to: Float.self)
    for (index, value) in values.enumerated() { start[index] = value }
    buffersChanged()
  }

  /// A counter, e.g. `num_batches_tracked`.
  public func counter(_ buffer: Buffer) -> Int64 {
    precondition(buffer.type == TensorType([], .int64))
    return pointer(to: buffer).assumingMemoryBound(to: Int64.self).pointee
  }

  public func setCounter(_ buffer: Buffer, to value: Int64) {
    precondition(buffer.type == TensorType([], .int64))
    pointer(to: buffer).assumingMemoryBound(to: Int64.self).pointee = value
    buffersChanged()
  }
}

extension Parameter {
  /// Reads the parameter's elements from a flat block laid out as the parameters are, in file order.
  ///
  /// Optimiser states share the parameters' offsets, so checkpoints read them the same way.
  public func gather(_ flat: UnsafeBufferPointer<Float>, at start: Int) -> [Float] {
    (0..<filedShape.count).map { flat[start + memoryIndex(ofFiled: $0)] }
  }

  /// The inverse of `gather`.
  public func scatter(
    _ values: [Float], into flat: UnsafeMutableBufferPointer<Float>, at start: Int
  ) {
    precondition(
      values.count == filedShape.count, "\(name): \(values.count) values for \(filedShape)")
    for (index, value) in values.enumerated() { flat[start + memoryIndex(ofFiled: index)] = value }
  }

  /// Extent of the first dimension in files: the output channels of a weight.
  package var rows: Int { filedShape.rank == 0 ? 1 : filedShape[0] }

  /// Writes `rows` of the parameter into a flat block as `scatter` does, taking the values in file order from `next`.
  package func fill(
    rows range: Range<Int>, of flat: UnsafeMutableBufferPointer<Float>, at start: Int,
    _ next: () -> Float
  ) {
    switch layout {
    case .asFiled:
      let row = filedShape.count / rows
      for index in range.lowerBound * row..<range.upperBound * row { flat[start + index] = next() }
    case .convolution:
      let (outputs, inputs) = (filedShape[0], filedShape[1])
      let taps = filedShape[2] * filedShape[3]
      for output in range {
        for input in 0..<inputs {
          for tap in 0..<taps { flat[start + (tap * inputs + input) * outputs + output] = next() }
        }
      }
    }
  }

  /// Position in memory of element `index` of the file.
  private func memoryIndex(ofFiled index: Int) -> Int {
    switch layout {
    case .asFiled: return index
    case .convolution:
      let (inputs, taps) = (filedShape[1], filedShape[2] * filedShape[3])
      let (rest, tap) = index.quotientAndRemainder(dividingBy: taps)
      let (output, input) = rest.quotientAndRemainder(dividingBy: inputs)
      return (tap * inputs + input) * filedShape[0] + output
    }
  }
}
