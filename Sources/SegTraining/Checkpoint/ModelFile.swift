public import SegCore
public import SegData
public import SegEngine
import SegModels

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

  /// Metadata of a model: what it was trained as, and what other programs need to use it, each value as JSON.
  ///
  /// - Parameter resolved: `config` as a document.
  public static func metadata(
    resolved: JSONValue, config: RunConfig, classes: [ClassInfo], loss: LossRecord? = nil
  ) -> [(key: String, value: String)] {
    [("format", "pt")]
      + description(config, classes).map { ("segtrain.\($0.key)", $0.value.compact) }
      + [(configKey, resolved.compact)]
      + (loss.map { [(lossKey, $0.json.compact)] } ?? [])
  }

  /// Classes in the order of their indices, their colours, and how pictures are prepared:
  /// `(v / 255 - mean) / std` per channel, mean and std in the order red, green, blue.
  static func description(
    _ config: RunConfig, _ classes: [ClassInfo]
  ) -> [(key: String, value: JSONValue)] {
    let colors = classes.map { info in
      JSONValue.array(
        [info.color.red, info.color.green, info.color.blue].map { .integer(Int($0)) })
    }
    return [
      ("architecture", .string(config.model.architecture.rawValue)),
      ("backbone", .string(config.model.backbone.rawValue)),
      ("output_stride", .integer(config.model.outputStride)),
      ("classes", .array(classes.map { .string($0.name) })),
      ("palette", .array(colors)),
      ("ignore_index", .integer(config.data.ignoreIndex)),
      ("mean", .array(config.data.mean.map { .float($0) })),
      ("std", .array(config.data.std.map { .float($0) })),
      ("channel_order", .string(config.data.channelOrder.rawValue)),
    ]
  }

  /// Sets one tensor of `store` from a file.
  static func load(
    _ key: ParameterStore.Key, from entry: WeightEntry, _ file: any WeightFile,
    into store: ParameterStore
  ) throws {
    switch key {
    case .parameter(let parameter): store.set(parameter, to: try file.floats(entry).values)
    case .buffer(let buffer) where buffer.type.dtype == .float32:
      store.set(buffer, to: try file.floats(entry).values)
    case .buffer(let buffer):
      store.setCounter(buffer, to: Int64(try file.tensor(entry).integers().first ?? 0))
    }
  }
}
