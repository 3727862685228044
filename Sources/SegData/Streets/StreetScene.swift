import SegCore

/// A generated street scene: a photograph and its labels.
public struct StreetScene: Sendable, Equatable {
  /// Raised whenever the same arguments give other bytes.
  public static let version = 1

  public let height: Int
  public let width: Int
  /// Red, green, blue, `[height, width, 3]`.
  public let image: [UInt8]
  /// Class indices or `StreetClass.ignoreIndex`, `[height, width]`.
  public let labels: [UInt8]

  /// Draws scene `index` of a split; the same arguments give the same bytes everywhere.
  public init(seed: UInt64, split: String, index: Int, height: Int = 128, width: Int = 192) {
    precondition(height > 0 && width > 0 && index >= 0, "a scene needs pixels and an index")
    let key = StreetKey(seed: seed, split: split, index: index)
    let street = StreetLayout(key: key, width: width, height: height)
    var items: [StreetItem] = []
    for painter in streetPainters {
      var random = key.random(for: painter.name)
      items += painter.place(in: street, &random)
    }
    let order = items.indices.sorted { a, b in
      (items[a].layer.rawValue, -items[a].depth, a)
        < (items[b].layer.rawValue, -items[b].depth, b)
    }
    var canvas = StreetCanvas(width: width, height: height)
    for item in order { items[item].paint(&canvas, street) }

    var random = key.random(for: "camera")
    let exposure = StreetExposure(random: &random)
    self.height = height
    self.width = width
    image = canvas.image(exposure, random: &random)
    labels = canvas.labels()
  }
}
