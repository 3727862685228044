internal import SegCore

/// Pictures of one size in rows, on a gray ground: what `data preview` writes.
public struct ContactSheet {
  private static let gap = 4
  private static let ground = RGB(96, 96, 96)

  private let size: PixelSize
  private let columns: Int
  private var pictures: [Raster] = []

  /// - Parameters:
  ///   - size: of every picture.
  ///   - columns: pictures in a row, at least 1.
  public init(of size: PixelSize, columns: Int) {
    self.size = size
    self.columns = max(1, columns)
  }

  /// Puts a picture after the last one; one of another size is resized.
  public mutating func add(_ picture: Raster) throws {
    pictures.append(try picture.resized(to: size))
  }

  /// The whole sheet.
  ///
  /// - Throws: `Failure(.usage)` when it would be larger than a picture may be.
  public func draw() throws -> Raster {
    let rows = max(1, (pictures.count + columns - 1) / columns)
    let height = rows * (size.height + Self.gap) + Self.gap
    let width = columns * (size.width + Self.gap) + Self.gap
    guard height <= ImageFile.maximumPixels / width else {
      throw Failure(
        .usage, "--count", "the sheet would be \(width)x\(height) pixels",
        hint: "lower --count or --width")
    }
    var sheet = Raster(height: height, width: width, color: Self.ground)
    for (index, picture) in pictures.enumerated() {
      let top = index / columns * (size.height + Self.gap) + Self.gap
      let left = index % columns * (size.width + Self.gap) + Self.gap
      for y in 0..<size.height {
        let to = ((top + y) * width + left) * 3
        let from = y * size.width * 3
        sheet.pixels.replaceSubrange(
          to..<to + size.width * 3, with: picture.pixels[from..<from + size.width * 3])
      }
    }
    return sheet
  }
}
