internal import SegCore

/// What opening one image and its label told.
struct FileInspection: Sendable {
  let pair: SamplePair
  private(set) var imageSize: PixelSize?
  private(set) var labelSize: PixelSize?
  private(set) var imageFailure: Failure?
  /// What the image's EXIF block says.
  private(set) var orientation: Int?
  /// The highest value in 8 bits of a 16-bit image that has none above an eighth of the range.
  private(set) var darkness: Int?
  private(set) var labelFailure: Failure?
  /// The label could be decoded, but not as a label.
  private(set) var isLabelMode = false
  /// The label has values that are no class.
  private(set) var valueFailure: Failure?
  /// Pixels by stored value, 256 entries; empty where the label cannot be read.
  private(set) var stored: [Int] = []
  /// Sums of red, green, blue, and of their squares, over the pixels: whole numbers, so that they can be
  /// added in any order.
  private(set) var sums = [0, 0, 0]
  private(set) var squares = [0, 0, 0]

  /// - Parameter readImage: Whether to open the image too.
  init(
    _ pair: SamplePair, _ readLabel: LabelReader, _ labels: LabelTable, readImage: Bool
  ) {
    self.pair = pair
    if readImage {
      do {
        let bytes = try FileBytes.read(pair.image)
        let image = try ImageFile.decodeRaster(bytes, name: pair.image)
        orientation = ExifOrientation.read(bytes)
        imageSize = PixelSize(height: image.height, width: image.width)
        add(image)
        if ImageFile.bitDepth(of: bytes) == 16, let top = image.pixels.max(), top < 32 {
          darkness = Int(top)
        }
      } catch {
        imageFailure = Self.failure(error, pair.image)
      }
    }
    do {
      var label = try readLabel(pair.label)
      labelSize = PixelSize(height: label.height, width: label.width)
      var counts = [Int](repeating: 0, count: 256)
      for value in label.pixels { counts[Int(value)] += 1 }
      stored = counts
      do {
        try labels.apply(to: &label, name: pair.label)
      } catch {
        valueFailure = Self.failure(error, pair.label)
      }
    } catch {
      labelFailure = Self.failure(error, pair.label)
      isLabelMode = Self.isPicture(pair.label)
    }
  }

  /// Whether what was opened can be used for training.
  var isSound: Bool {
    imageFailure == nil && labelFailure == nil && valueFailure == nil
      && (imageSize == nil || imageSize == labelSize)
  }

  private mutating func add(_ image: Raster) {
    for channel in 0..<3 {
      var (sum, square) = (0, 0)
      var at = channel
      image.pixels.withUnsafeBufferPointer { pixels in
        while at < pixels.count {
          let value = Int(pixels[at])
          sum += value
          square += value * value
          at += 3
        }
      }
      sums[channel] = sum
      squares[channel] = square
    }
  }

  private static func failure(_ error: any Error, _ path: String) -> Failure {
    error as? Failure ?? Failure(.internal, path, "\(error)")
  }

  private static func isPicture(_ path: String) -> Bool {
    guard let bytes = try? FileBytes.read(path) else { return false }
    return (try? ImageFile.decodeRaster(bytes, name: path)) != nil
  }
}
