import SegCore
import SegData

/// Finds pictures of the wrong size before a run begins, from the files' headers alone.
enum SizeCheck {
  /// - Parameter expected: what every image has to be; `nil` where they are resized or cropped.
  /// - Throws: `Failure(.badData)` for a label of another size than its image and for an image of
  ///   another size than the batch.
  static func run(_ dataset: FileDataset, expected: PixelSize?) throws {
    for index in 0..<dataset.count {
      let (image, label) = (dataset.imagePath(at: index), dataset.labelPath(at: index))
      let (size, labelSize) = (try size(image), try size(label))
      guard size == labelSize else {
        throw Failure(
          .badData, label, "label is \(labelSize), its image \(image) is \(size)",
          hint: "image and label must have one size; has one of them been resized?")
      }
      if let expected, size != expected {
        throw Failure(
          .badData, image, "image is \(size), the first one is \(expected)",
          hint: "set data.size or augment.crop_size, so that all samples have one size")
      }
    }
  }

  private static func size(_ path: String) throws -> PixelSize {
    let (height, width) = try ImageFile.size(path)
    return PixelSize(height: height, width: width)
  }
}
