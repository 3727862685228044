public import SegCore
public import SegEngine

/// `model.safetensors`: every parameter and buffer under torchvision's name, fp32, weights `[O, I, H, W]`.
public enum ModelFile {
  public static let name = "model.safetensors"
  /// Metadata key of the resolved run config, so that a weight file can be evaluated on its own.
  public static let configKey = "segtrain.config"

  /// The tensors of `store` in the order of declaration, produced one at a time.
  public static func tensors(_ store: ParameterStore) -> [TensorSource] {
    store.keys.map { key in
      switch key {
      case .parameter(let parameter):
        TensorSource(name: parameter.name, shape: parameter.filedShape) {
          store.values(of: parameter)
        }
      case .buffer(let buffer) where buffer.type.dtype == .float32:
        TensorSource(name: buffer.name, shape: buffer.type.shape) { store.values(of: buffer) }
      case .buffer(let buffer):
        TensorSource(
          StoredTensor(name: buffer.name, shape: [], integers: [store.counter(buffer)]))
      }
    }
  }

  /// Metadata key of what the loss needs besides its configuration, where it needs anything.
  static let lossKey = "segtrain.loss"

  /// Metadata of a model: what it was trained as.
  static func metadata(
    config: JSONValue, loss: LossRecord? = nil
  ) -> [(key: String, value: String)] {
    [("format", "pt"), (configKey, config.compact)]
      + (loss.map { [(lossKey, $0.json.compact)] } ?? [])
  }

  /// Sets one tensor of `store` from a file.
  static func load(
    _ key: ParameterStore.Key, from entry: SafetensorsHeader.Entry, _ reader: SafetensorsReader,
    into store: ParameterStore
  ) throws {
    switch key {
    case .parameter(let parameter): store.set(parameter, to: try reader.floats(entry).values)
    case .buffer(let buffer) where buffer.type.dtype == .float32:
      store.set(buffer, to: try reader.floats(entry).values)
    case .buffer(let buffer):
      store.setCounter(buffer, to: Int64(try reader.tensor(entry).integers().first ?? 0))
    }
  }
}
