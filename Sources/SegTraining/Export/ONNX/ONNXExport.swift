public import SegCore
import SegData
package import SegEngine
import SegModels

/// A trained network as an ONNX file: the traced inference graph, operation by operation.
///
/// Input `image` `[N, 3, H, W]`, output `logits` `[N, classes, H, W]`.
public struct ONNXExport {
  public enum Size: Sendable, Equatable {
    /// One picture of this size.
    case fixed(height: Int, width: Int)
    /// Any number of pictures of any size.
    case dynamic
  }

  static let inputName = "image"
  static let outputName = "logits"

  private let model: ONNXModel

  /// - Parameters:
  ///   - takesBytes: the input is bytes 0 to 255 in the order red, green, blue, and is normalised inside;
  ///     otherwise it is what the network is trained on, `(v / 255 - mean) / std`.
  /// - Throws: `.usage` for a size the network cannot take; `.badConfig` that names the operation where one
  ///   has no ONNX form here.
  public init(_ trained: TrainedModel, size: Size, takesBytes: Bool) throws {
    let config = trained.config
    let traces = try Self.tracedSizes(size).map { height, width in
      do throws(ShapeError) {
        return try InferenceTrace(trained.network, height: height, width: width)
      } catch {
        throw Failure(.usage, "--size", "\(width)x\(height): \(error)", hint: "give a larger size")
      }
    }
    var builder = ONNXGraphBuilder(
      traces, store: trained.network.store, isDynamic: size == .dynamic)
    let normalization = takesBytes ? ONNXNormalization(config.data) : nil
    normalization?.emit(from: Self.inputName, into: &builder)
    try builder.build(
      input: normalization == nil ? Self.inputName : ONNXNormalization.output,
      output: Self.outputName)

    let extents: [ONNXModel.Port.Extent] =
      switch size {
      case .fixed(let height, let width): [.fixed(1), .fixed(height), .fixed(width)]
      case .dynamic: [.free("N"), .free("H"), .free("W")]
      }
    func port(_ name: String, _ type: ONNXTensor.ElementType, channels: Int) -> ONNXModel.Port {
      .init(name: name, type: type, extents: [extents[0], .fixed(channels)] + extents[1...])
    }
    let name = "\(config.model.architecture.rawValue)_\(config.model.backbone.rawValue)"
    model = ONNXModel(
      name: name, nodes: builder.nodes, constants: builder.constants,
      inputs: [port(Self.inputName, takesBytes ? .uint8 : .float, channels: 3)],
      outputs: [port(Self.outputName, .float, channels: trained.classes.count)],
      metadata: Self.metadata(trained, takesBytes: takesBytes))
  }

  public func write(to path: String) throws(Failure) {
    try AtomicFile.write(path) { file throws(Failure) in try model.write(to: file) }
  }

  /// Two sizes tell which extents follow which when the size is free: odd, and different everywhere.
  private static func tracedSizes(_ size: Size) -> [(height: Int, width: Int)] {
    switch size {
    case .fixed(let height, let width): [(height, width)]
    case .dynamic: [(289, 417), (353, 225)]
    }
  }

  private static func metadata(
    _ trained: TrainedModel, takesBytes: Bool
  ) -> [(key: String, value: String)] {
    let order = trained.config.data.channelOrder.rawValue
    let input =
      takesBytes
      ? "bytes 0 to 255, channels rgb"
      : "(v / 255 - mean) / std of v from 0 to 255, channels \(order)"
    return [("segtrain.input", input)]
      + ModelFile.description(trained.config, trained.classes).map {
        ("segtrain.\($0.key)", $0.value.compact)
      }
  }
}

/// A network traced for one picture, as it is declared: nothing fused or prepared.
package struct InferenceTrace {
  let graph: Graph
  let image, logits: Tensor

  package init(image: Tensor, logits: Tensor) {
    graph = image.graph
    self.image = image
    self.logits = logits
  }

  init(_ network: Network, height: Int, width: Int) throws(ShapeError) {
    graph = Graph(.inference, convolution: .direct)
    image = graph.input("image", TensorType([1, height, width, 3]))
    logits = try network.model(image).logits
  }
}
