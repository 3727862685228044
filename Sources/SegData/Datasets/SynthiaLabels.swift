internal import SegCore

/// SYNTHIA's label files: 16-bit PNG of three channels, the class in red, the object in green.
enum SynthiaLabels {
  static let read: LabelReader = { path in
    try decode(PNGImage.decode(FileBytes.read(path), name: path), name: path)
  }

  /// - Throws: `Failure` `.badData` for any other kind of PNG and for classes above 255.
  static func decode(_ image: PNGImage, name: String) throws -> LabelMap {
    guard image.channels >= 3, case .words(let words) = image.samples else {
      throw Failure(
        .badData, name,
        "label is \(image.kind) PNG; SYNTHIA's labels are 16-bit RGB with the class in red",
        hint:
          "was the file converted? a reader of 8 bits turns all classes into 0; the folder with "
          + "colours is GT/COLOR, that with classes GT/LABELS")
    }
    let step = image.channels
    let count = image.height * image.width
    var highest: UInt16 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      for i in 0..<count {
        let value = words[step * i]
        highest = max(highest, value)
        out[i] = UInt8(truncatingIfNeeded: value)
      }
      filled = count
    }
    if highest > 255 {
      let first = (0..<count).first { words[step * $0] == highest } ?? 0
      throw Failure(
        .badData, name,
        "class \(highest) in the red channel at x \(first % image.width), "
          + "y \(first / image.width); SYNTHIA has classes 0 to 22")
    }
    return LabelMap(height: image.height, width: image.width, pixels: pixels)
  }
}
