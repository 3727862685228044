import CSegKernels
public import SegCore

/// The mean of the `count` largest weighted pixel losses of every image row; of equal ones the first.
///
/// Pixels that take no part count as losses of 0: a row of few pixels is filled up with them.
public struct TopOfRows: PixelReduction {
  public static let name = "top_of_rows"
  public let ignoreIndex: Int
  let count: Int

  /// - Parameter count: 1 or more; rows that are shorter are taken whole.
  public init(ignoreIndex: Int, count: Int) {
    self.ignoreIndex = ignoreIndex
    self.count = count
  }

  public func checkOptions() throws(ShapeError) {
    try require(count >= 1, "takes 1 pixel or more of a row, found \(count)")
  }

  public func workspaceBytes(_ inputs: [TensorType], workers: Int) -> Int {
    let shape = inputs[0].shape
    return sk_top_of_rows_bytes(shape[0] * shape[1], shape[2], Int32(workers))
  }

  public func run(_ call: borrowing KernelCall) {
    let shape = call.inputs[0].shape
    sk_top_of_rows(
      call.pool, call.output(0), call.output(1), call.input(0), call.input(1, as: UInt8.self),
      call.input(2), min(count, shape[2]), shape[0] * shape[1], shape[2], call.inputs[2].shape[0],
      Int32(clamping: ignoreIndex), call.workspace)
  }
}
