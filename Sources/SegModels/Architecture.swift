import SegCore
import SegEngine
import SegNN

/// A head that turns backbone features into class scores. A new one is a file and a line in `all`.
public struct Architecture: Sendable {
  public let name: String
  let makeHead:
    @Sendable (Scope, _ channels: Int, ModelOptions) ->
      @Sendable (Tensor) throws(ShapeError) ->
      Tensor

  /// Sorted by name.
  public static let all: [Architecture] = [.deepLabV3, .fcn]

  public static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }

  public static let deepLabV3 = Architecture(name: "deeplabv3") { scope, channels, options in
    // Rates grow as the feature map does (Chen et al. 2017, table 5).
    let rates = options.outputStride == 8 ? [12, 24, 36] : [6, 12, 18]
    let head = DeepLabHead(
      scope, channels: channels, classes: options.classes, rates: rates,
      dropout: options.dropout ?? 0.5)
    return { features throws(ShapeError) in try head(features) }
  }

  public static let fcn = Architecture(name: "fcn") { scope, channels, options in
    let head = FCNHead(
      scope, channels: channels, classes: options.classes, dropout: options.dropout ?? 0.1)
    return { features throws(ShapeError) in try head(features) }
  }
}
