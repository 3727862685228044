public import SegCore

extension AugmentConfig {
  /// Reads section `augment` of the run config.
  public init(_ section: ConfigSection) {
    let scale = RandomScale.Choice.read(section)
    let crop = section.optionalInts(
      "crop_size", count: 2, in: PixelSize.sides,
      "[height, width] cut out at random; null: no cropping.")
    let share = section.optionalNumber(
      "cat_max_ratio", in: 0...1,
      "Crops in which one class has a larger share of the labelled pixels are drawn again, up to ten times; null: any crop."
    )
    let smallImages = section.choice(
      "small_images", among: SmallImages.allCases, default: .pad,
      "What happens to pictures smaller than the crop.")
    let padding = section.choice(
      "padding", among: Padding.allCases, default: .mean,
      "Colour around pictures smaller than the crop; labels get the ignore index.")
    let classUniform = section.number(
      "class_uniform", default: 0, in: 0...1,
      "Share of the samples for which a class is drawn first, then an image that shows it, cropped around it."
    )
    let flip = section.number("flip", default: 0, in: 0...1, "Probability of a horizontal flip.")
    let jitter = section.optionalSection(
      "color_jitter", "Random brightness, contrast and saturation; null: none.",
      ColorJitterConfig.init)
    if share != nil, crop == nil {
      section.problem("cat_max_ratio", "chooses among crops, and crop_size is not set")
    }
    self.init(
      scale: scale, cropSize: PixelSize(crop), maxClassShare: share, smallImages: smallImages,
      padding: padding, classUniform: classUniform, flip: flip, colorJitter: jitter)
  }
}

extension AugmentConfig.SmallImages: ConfigChoice {
  public var help: String {
    switch self {
    case .pad: "padded right and below"
    case .enlarge: "enlarged until the crop fits, as recall-semseg does"
    }
  }
}

extension AugmentConfig.Padding: ConfigChoice {
  public var help: String {
    switch self {
    case .mean: "the colour of data.mean, 0 after normalisation"
    case .black: "black before normalisation, as torchvision's reference scripts"
    }
  }
}

extension RandomScale.Choice {
  /// The key that sets it.
  var key: String {
    switch self {
    case .range: "scale_range"
    case .list: "scale_list"
    case .shortSide: "short_side_range"
    }
  }

  /// The one of the three keys that is set.
  static func read(_ section: ConfigSection) -> RandomScale.Choice? {
    var found: [RandomScale.Choice] = []
    if let ends = section.optionalNumbers(
      "scale_range", count: 2, in: 0.01...100,
      "[smallest, largest] factor of both sides, drawn uniformly; null: no scaling.")
    {
      if ends[0] <= ends[1] {
        found.append(.range(ends[0]...ends[1]))
      } else {
        section.problem(
          "scale_range",
          "expected [smallest, largest], found "
            + JSONValue.array(ends.map { .number($0) }).compact)
      }
    }
    let factors = section.value(
      "scale_list", ConfigType<Double>.number(in: 0.01...100).list(count: 1...64).optional,
      default: .some(nil),
      "Factors of both sides, each drawn equally often; instead of scale_range.")
    if let factors { found.append(.list(factors)) }
    if let ends = section.optionalInts(
      "short_side_range", count: 2, in: PixelSize.sides,
      "[smallest, largest] short side in pixels, drawn uniformly; instead of scale_range.")
    {
      if ends[0] <= ends[1] {
        found.append(.shortSide(ends[0]...ends[1]))
      } else {
        section.problem("short_side_range", "expected [smallest, largest], found \(ends)")
      }
    }
    if found.count > 1 {
      section.problem(
        found[1].key,
        "expected one way to scale, found \(found.map(\.key).joined(separator: " and "))",
        hint: "keep one of them and set the other to null")
    }
    return found.first
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
