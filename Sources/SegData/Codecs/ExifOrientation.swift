/// How a camera says a picture's pixels have to be turned for viewing.
///
/// Nothing here turns them: Pillow and torchvision do not either, and labels are drawn on the pixels as
/// stored or on turned ones, which only their makers know.
enum ExifOrientation {
  /// 1 (as stored) to 8, from the EXIF block of a JPEG or PNG; nil where there is none.
  static func read(_ bytes: [UInt8]) -> Int? {
    if bytes.starts(with: PNGImage.signature) { return ofPNG(bytes) }
    return bytes.starts(with: [0xFF, 0xD8]) ? ofJPEG(bytes) : nil
  }

  /// From the chunk `eXIf`, which may stand before or after the pixels.
  private static func ofPNG(_ png: [UInt8]) -> Int? {
    var at = PNGImage.signature.count
    while at + 12 <= png.count {
      let length = png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= png.count - at - 12 else { return nil }
      let (name, block) = (png[at + 4..<at + 8], png[at + 8..<at + 8 + length])
      if name.elementsEqual("eXIf".utf8) {
        // Some writers keep the mark that JPEG wants.
        return orientation(Array(block.dropFirst(block.starts(with: mark) ? mark.count : 0)))
      }
      if name.elementsEqual("IEND".utf8) { return nil }
      at += 12 + length
    }
    return nil
  }

  /// Before the TIFF block of a JPEG.
  private static let mark = Array("Exif\0\0".utf8)

  private static func ofJPEG(_ jpeg: [UInt8]) -> Int? {
    var at = 2
    while at + 4 <= jpeg.count, jpeg[at] == 0xFF {
      let marker = jpeg[at + 1]
      if marker == 0xFF {  // a fill byte
        at += 1
        continue
      }
      // The picture begins, or ends.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let length = Int(jpeg[at + 2]) << 8 | Int(jpeg[at + 3])
      guard length >= 2, at + 2 + length <= jpeg.count else { return nil }
      let block = jpeg[at + 4..<at + 2 + length]
      if marker == 0xE1, block.starts(with: mark) {
        return orientation(Array(block.dropFirst(mark.count)))
      }
      at += 2 + length
    }
    return nil
  }

  /// What viewers do for orientations 2 to 8.
  static func description(_ orientation: Int) -> String {
    switch orientation {
    case 2: "mirror it"
    case 3: "turn it by 180 degrees"
    case 4: "turn it upside down and mirror it"
    case 5: "mirror it and turn it to the left"
    case 6: "turn it to the right"
    case 7: "mirror it and turn it to the right"
    default: "turn it to the left"
    }
  }

  /// Tag 0x0112 of the first directory of a TIFF block.
  private static func orientation(_ tiff: [UInt8]) -> Int? {
    guard tiff.count >= 8 else { return nil }
    let isBigEndian = tiff[0] == 0x4D
    func number(_ at: Int, _ size: Int) -> Int? {
      guard at >= 0, at <= tiff.count - size else { return nil }
      return (0..<size).reduce(0) {
        $0 << 8 | Int(tiff[at + (isBigEndian ? $1 : size - 1 - $1)])
      }
    }
    guard let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
    for entry in 0..<entries {
      let at = directory + 2 + 12 * entry
      guard let tag = number(at, 2) else { return nil }
      if tag == 0x0112 { return number(at + 8, 2).flatMap { (1...8).contains($0) ? $0 : nil } }
    }
    return nil
  }
}
