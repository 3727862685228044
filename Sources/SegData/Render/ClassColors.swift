internal import SegCore

/// Colours for every value a label map can have.
public struct ClassColors: Sendable, Equatable {
  /// 256 colours by value.
  public let table: [RGB]

  /// The classes' colours; `ignore` for the ignore index, black for values that are neither.
  ///
  /// A class's own colour wins over `ignore`.
  public init(
    _ classes: [ClassInfo], ignoreIndex: UInt8, ignoreColor: RGB = RGB(255, 255, 255)
  ) {
    var table = [RGB](repeating: RGB(0, 0, 0), count: 256)
    table[Int(ignoreIndex)] = ignoreColor
    for (index, info) in classes.prefix(256).enumerated() { table[index] = info.color }
    self.table = table
  }

  /// Colour `index` for classes that have none: the colours of PASCAL VOC, which spread the bits of
  /// the index over the high bits of red, green, blue in turn.
  public static func spread(_ index: Int) -> RGB {
    var parts = [0, 0, 0]
    for bit in 0..<8 {
      parts[bit % 3] |= ((index >> bit) & 1) << (7 - bit / 3)
    }
    return RGB(UInt8(parts[0]), UInt8(parts[1]), UInt8(parts[2]))
  }
}
