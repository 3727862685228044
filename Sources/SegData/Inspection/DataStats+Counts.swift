public import SegCore

extension DataStats {
  /// What was counted in labels, to be remembered; `init(classes:counts:)` reads it.
  public var counts: JSONValue {
    func integers(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    return .array(
      splits.map { split in
        .fields([
          "split": .string(split.split), "samples": .integer(split.samples),
          "left_out": .integer(split.leftOut), "ignored": .integer(split.ignored),
          "pixels": integers(split.pixels), "images": integers(split.images),
        ])
      })
  }

  /// Statistics of labels alone from `counts`; `nil` where those are of something else.
  public init?(classes: [ClassInfo], counts: JSONValue) {
    guard case .array(let entries) = counts else { return nil }
    var splits: [SplitStats] = []
    for entry in entries {
      func integer(_ key: String) -> Int? {
        if case .integer(let value)? = entry[key], value >= 0 { value } else { nil }
      }
      func integers(_ key: String) -> [Int]? {
        guard case .array(let items)? = entry[key], items.count == classes.count else { return nil }
        let values = items.compactMap { item -> Int? in
          if case .integer(let value) = item, value >= 0 { value } else { nil }
        }
        return values.count == items.count ? values : nil
      }
      guard case .string(let name)? = entry["split"], let samples = integer("samples"),
        let leftOut = integer("left_out"), let ignored = integer("ignored"),
        let pixels = integers("pixels"), let images = integers("images")
      else { return nil }
      splits.append(
        SplitStats(
          split: name, samples: samples, leftOut: leftOut, pixels: pixels, images: images,
          ignored: ignored, sizes: []))
    }
    self.init(classes: classes, splits: splits)
  }

  private init(classes: [ClassInfo], splits: [SplitStats]) {
    self.classes = classes
    self.splits = splits
  }
}
