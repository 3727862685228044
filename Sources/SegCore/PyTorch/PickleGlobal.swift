/// Functions and classes a pickle may name. Those of PyTorch's state dicts are known and stand for what
/// they would make; every other name is `unknown` and makes things without contents. None is ever run.
enum PickleGlobal: Sendable, Equatable {
  case orderedDictionary
  /// `_rebuild_tensor`, `_v2` and `_v3`: storage, offset, shape, strides; the third names its type last.
  case tensor
  case typedTensor
  case parameter
  case size
  case dtype(StoredDType)
  /// A class of storages; nil for bytes whose type the tensor says.
  case storage(StoredDType?)
  case unknown(String)

  init(module: String, name: String) {
    let full = "\(module).\(name)"
    self = Self.known[full] ?? .unknown(full)
  }

  private static let known: [String: PickleGlobal] = {
    var known: [String: PickleGlobal] = [
      "collections.OrderedDict": .orderedDictionary,
      "torch._utils._rebuild_tensor": .tensor,
      "torch._utils._rebuild_tensor_v2": .tensor,
      "torch._utils._rebuild_tensor_v3": .typedTensor,
      "torch._utils._rebuild_parameter": .parameter,
      "torch._utils._rebuild_parameter_with_state": .parameter,
      "torch.Size": .size,
      "torch.storage.UntypedStorage": .storage(nil),
      "torch.UntypedStorage": .storage(nil),
    ]
    let storages: [(String, StoredDType)] = [
      ("Double", .f64), ("Float", .f32), ("Half", .f16), ("BFloat16", .bf16), ("Long", .i64),
      ("Int", .i32), ("Short", .i16), ("Char", .i8), ("Byte", .u8), ("Bool", .bool),
      ("ComplexFloat", .c64),
    ]
    for (name, dtype) in storages { known["torch.\(name)Storage"] = .storage(dtype) }
    let dtypes: [(String, StoredDType)] = [
      ("float64", .f64), ("float32", .f32), ("float16", .f16), ("bfloat16", .bf16),
      ("int64", .i64), ("int32", .i32), ("int16", .i16), ("int8", .i8), ("uint8", .u8),
      ("uint16", .u16), ("uint32", .u32), ("uint64", .u64), ("bool", .bool), ("complex64", .c64),
      ("float8_e4m3fn", .f8e4m3), ("float8_e5m2", .f8e5m2), ("float8_e8m0fnu", .f8e8m0),
    ]
    for (name, dtype) in dtypes { known["torch.\(name)"] = .dtype(dtype) }
    return known
  }()
}
