public import SegCore

extension AugmentConfig {
  /// Reads section `augment` of the run config.
  public init(_ section: ConfigSection) {
    let scale = section.optionalNumbers(
      "scale_range", count: 2, in: 0.01...100,
      "[smallest, largest] factor of both sides, drawn uniformly; null: no scaling.")
    let crop = section.optionalInts(
      "crop_size", count: 2, in: PixelSize.sides,
      "[height, width] cut out at random; null: no cropping.")
    let flip = section.number("flip", default: 0, in: 0...1, "Probability of a horizontal flip.")
    let jitter = section.optionalSection(
      "color_jitter", "Random brightness, contrast and saturation; null: none.",
      ColorJitterConfig.init)
    var range: ClosedRange<Double>?
    if let scale {
      if scale[0] <= scale[1] {
        range = scale[0]...scale[1]
      } else {
        section.problem(
          "scale_range",
          "expected [smallest, largest], found "
            + JSONValue.array(scale.map { .number($0) }).compact)
      }
    }
    self.init(scaleRange: range, cropSize: PixelSize(crop), flip: flip, colorJitter: jitter)
  }
}

extension ColorJitterConfig {
  /// Reads `augment.color_jitter`.
  public init(_ section: ConfigSection) {
    func strength(_ key: String) -> Double {
      section.number(
        key, default: 0, in: 0...1, "Factor drawn uniformly from 1 - x to 1 + x.")
    }
    self.init(
      brightness: strength("brightness"), contrast: strength("contrast"),
      saturation: strength("saturation"))
  }
}
