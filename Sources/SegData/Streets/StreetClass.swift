/// The classes of the generated street scenes, in the order of their indices; names and colours are
/// `ClassTable.streets10`'s.
public enum StreetClass: UInt8, CaseIterable, Sendable {
  case sky, road, building, vegetation, car, pedestrian, pole, sign, light, bicycle

  /// Stored for pixels on the border of two objects that no class should be held to.
  public static let ignoreIndex: UInt8 = 255

  /// 256 colours for the label files: the classes', black for the rest.
  public static var palette: [RGB] {
    let colors = ClassTable.streets10.classes.map(\.color)
    return colors + [RGB](repeating: RGB(0, 0, 0), count: 256 - colors.count)
  }
}
