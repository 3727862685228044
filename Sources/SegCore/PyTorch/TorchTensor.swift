/// A block of elements in a PyTorch file, which several tensors may view.
struct TorchStorage: Sendable, Equatable {
  /// Names the block within the file.
  var key: String
  var dtype: StoredDType
  /// Elements of the whole block.
  var count: Int
  /// First element of the part that is meant; legacy files have views of blocks.
  var start = 0
}

/// A tensor as a view of a storage.
struct TorchTensor: Sendable, Equatable {
  var storage: TorchStorage
  /// First element, counted from the start of the block.
  var offset: Int
  var shape: Shape
  /// Elements from one index to the next, per axis.
  var strides: [Int]

  /// PyTorch allows 64; weights have 4.
  static let maximalRank = 16

  var dtype: StoredDType { storage.dtype }

  /// Elements of the block from the first to the last that is viewed.
  var span: Range<Int> {
    guard !shape.dims.contains(0) else { return offset..<offset }
    let last = zip(shape.dims, strides).reduce(offset) { $0 + ($1.0 - 1) * $1.1 }
    return offset..<last + 1
  }

  /// Whether the elements lie in the block in the order of the tensor.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape.dims, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// - Returns: nil with what is wrong where the view leaves the block, a number does not fit, or
  ///   elements are shown more than once, which would make a small file a large tensor.
  static func problem(
    _ storage: TorchStorage, offset: Int, shape: [Int], strides: [Int]
  ) -> String? {
    let view = "shape \(shape), strides \(strides), offset \(offset)"
    guard shape.count == strides.count, offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 })
    else {
      return "\(view): expected numbers from 0 on, one stride for each extent"
    }
    guard let bytes = storage.dtype.byteCount(of: Shape(shape)) else {
      return "\(view): its size is not a number of bytes"
    }
    var last = offset
    if !shape.contains(0) {
      for (extent, stride) in zip(shape, strides) {
        let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
        let (sum, overflows) = last.addingReportingOverflow(reach)
        if overflow || overflows { return "\(view): the last element is beyond any file" }
        last = sum
      }
      last += 1
    }
    guard last <= storage.count else {
      return "\(view): expected at most the \(storage.count) elements of its storage, found \(last)"
    }
    guard bytes * 8 / storage.dtype.bits <= storage.count else {
      return "\(view): it shows elements more than once, \(storage.count) are stored"
    }
    return nil
  }
}
