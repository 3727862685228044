/// Height and width in pixels, in the order of the config file.
public struct PixelSize: Hashable, Sendable, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// Width first, as people say it: `480x360`.
  public var description: String { "\(width)x\(height)" }
}

/// Section `data` of the run config.
public struct DataConfig: Sendable, Equatable {
  public enum ChannelOrder: String, Sendable, CaseIterable { case rgb, bgr }
  public enum BadSample: String, Sendable, CaseIterable { case error, skip }

  /// How pictures and labels are resized.
  public enum Resize: String, Sendable, CaseIterable { case pil, opencv }
  /// Named ways from pixels to floats, each a choice of `resize`, `mean`, `std`, `channelOrder`.
  public enum Preprocessing: String, Sendable, CaseIterable {
    case torchvision
    case recallCode = "recall_code"
  }

  /// What the pixels of masks in layout `folders` are.
  public enum MaskEncoding: String, Sendable, CaseIterable { case index, color }
  /// Which label files of Cityscapes are read.
  public enum LabelFiles: String, Sendable, CaseIterable { case labelIds, labelTrainIds }
  /// How the frames of SYNTHIA-SEQS are divided.
  public enum SplitRule: String, Sendable, CaseIterable { case released, sequence }

  /// Where the classes come from.
  public enum Classes: Sendable, Equatable {
    /// The layout's own table.
    case layout
    /// A table of `classTables` by name.
    case table(String)
    /// Written out in the config.
    case list([ClassInfo])
  }

  /// Name of a line of `datasetLayouts`.
  public var layout: String
  public var root: String
  /// Names of the splits, as the layout has them.
  public var train: String
  public var validation: String
  public var classes: Classes
  /// Stored label value to class index; values not listed stay as they are, or as the class table
  /// has them.
  public var labelMap: [LabelMapping]?
  /// Label value, after the mapping, that nobody trains on or scores; 0 to 255.
  public var ignoreIndex: Int
  /// What images and labels are resized to first; nil keeps them as stored.
  public var size: PixelSize?
  /// Where the defaults of the next four came from.
  public var preprocessing: Preprocessing
  public var resize: Resize
  /// Mean and standard deviation of red, green, blue, in the range 0 to 1, whatever `channelOrder`.
  public var mean: [Float]
  public var std: [Float]
  /// Order of the channels handed to the model.
  public var channelOrder: ChannelOrder
  /// Decoding threads; never changes results.
  public var workers: Int
  /// Bound, in 10⁶ bytes, of the training samples that are kept decoded; 0 keeps none. Never changes results.
  public var cacheMegabytes: Int
  public var onBadSample: BadSample
  /// Path patterns of the layout `folders`, relative to `root`, with `{split}` and `{name}`.
  public var images: String
  public var masks: String
  /// Pattern of the files that name the samples of layout `folders`; nil takes all there are.
  public var list: String?
  public var maskEncoding: MaskEncoding
  /// Colours of masks besides those of the classes.
  public var maskColors: [MaskColor]?
  /// Of layout `cityscapes`.
  public var labelFiles: LabelFiles
  /// Whether layout `voc` takes labels from `SegmentationClassAug` too.
  public var augmentedLabels: Bool
  /// Of layout `synthia_seqs`.
  public var splitRule: SplitRule

  public init(
    layout: String, root: String, train: String = "train", validation: String = "val",
    classes: Classes = .layout, labelMap: [LabelMapping]? = nil, ignoreIndex: Int = 255,
    size: PixelSize? = nil, preprocessing: Preprocessing = .torchvision, resize: Resize? = nil,
    mean: [Float]? = nil, std: [Float]? = nil, channelOrder: ChannelOrder? = nil, workers: Int = 1,
    cacheMegabytes: Int = 0, onBadSample: BadSample = .error, images: String = "images/{split}",
    masks: String = "masks/{split}", list: String? = nil, maskEncoding: MaskEncoding = .index,
    maskColors: [MaskColor]? = nil, labelFiles: LabelFiles = .labelIds,
    augmentedLabels: Bool = false, splitRule: SplitRule = .released
  ) {
    self.layout = layout
    self.root = root
    self.train = train
    self.validation = validation
    self.classes = classes
    self.labelMap = labelMap
    self.ignoreIndex = ignoreIndex
    self.size = size
    self.preprocessing = preprocessing
    self.resize = resize ?? preprocessing.resize
    self.mean = mean ?? preprocessing.mean
    self.std = std ?? preprocessing.std
    self.channelOrder = channelOrder ?? preprocessing.channelOrder
    self.workers = workers
    self.cacheMegabytes = cacheMegabytes
    self.onBadSample = onBadSample
    self.images = images
    self.masks = masks
    self.list = list
    self.maskEncoding = maskEncoding
    self.maskColors = maskColors
    self.labelFiles = labelFiles
    self.augmentedLabels = augmentedLabels
    self.splitRule = splitRule
  }
}

extension DataConfig.Preprocessing {
  public var resize: DataConfig.Resize { self == .torchvision ? .pil : .opencv }
  public var channelOrder: DataConfig.ChannelOrder { self == .torchvision ? .rgb : .bgr }

  /// Of red, green, blue in the range 0 to 1.
  public var mean: [Float] {
    self == .torchvision ? [0.485, 0.456, 0.406] : Self.unit([71.23802, 62.203827, 55.09944])
  }

  /// Of red, green, blue in the range 0 to 1.
  public var std: [Float] {
    self == .torchvision ? [0.229, 0.224, 0.225] : Self.unit([55.363934, 51.497387, 49.56111])
  }

  private static func unit(_ levels: [Double]) -> [Float] { levels.map { Float($0 / 255) } }
}

/// Section `augment` of the run config; everything off by default.
public struct AugmentConfig: Sendable, Equatable {
  /// How both sides are scaled at random; nil leaves them.
  public var scale: RandomScale.Choice?
  public var cropSize: PixelSize?
  /// The largest share of a crop's labelled pixels that one class may have; others are drawn again.
  public var maxClassShare: Double?
  /// What happens to pictures that are smaller than the crop.
  public var smallImages: SmallImages
  /// What is put around pictures that are smaller than the crop.
  public var padding: Padding
  /// Share of the training samples that are drawn by class first and then by image, and cropped around it.
  public var classUniform: Double
  /// Probability of a horizontal flip.
  public var flip: Double
  public var colorJitter: ColorJitterConfig?

  public enum SmallImages: String, Sendable, CaseIterable { case pad, enlarge }
  public enum Padding: String, Sendable, CaseIterable { case mean, black }

  public init(
    scale: RandomScale.Choice? = nil, cropSize: PixelSize? = nil, maxClassShare: Double? = nil,
    smallImages: SmallImages = .pad, padding: Padding = .mean, classUniform: Double = 0,
    flip: Double = 0, colorJitter: ColorJitterConfig? = nil
  ) {
    self.scale = scale
    self.cropSize = cropSize
    self.maxClassShare = maxClassShare
    self.smallImages = smallImages
    self.padding = padding
    self.classUniform = classUniform
    self.flip = flip
    self.colorJitter = colorJitter
  }
}

/// Strengths of the colour jitter: each factor is drawn uniformly from `[max(0, 1 - strength), 1 +
/// strength]`.
public struct ColorJitterConfig: Sendable, Equatable {
  public var brightness: Double
  public var contrast: Double
  public var saturation: Double

  public init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0) {
    self.brightness = brightness
    self.contrast = contrast
    self.saturation = saturation
  }
}
