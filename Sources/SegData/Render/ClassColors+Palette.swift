import SegCore

extension ClassColors {
  /// The classes with the colours a user asks for by name.
  ///
  /// - Parameter name: `nil` keeps the classes' own; `voc` spreads PASCAL VOC's colours over any number of classes; the
  ///   name of a class table takes that table's, which must have as many classes.
  /// - Throws: `Failure(.usage)`.
  public static func palette(
    named name: String?, for classes: [ClassInfo]
  ) throws -> [ClassInfo] {
    guard let name else { return classes }
    if name == "voc" {
      return classes.enumerated().map { ClassInfo($1.name, spread($0)) }
    }
    guard let table = classTables.first(where: { $0.name == name }) else {
      let names = ["voc"] + classTables.map(\.name)
      throw Failure(
        .usage, "--palette", "expected \(names.joined(separator: ", ")), found \"\(name)\"",
        hint: NearestKey.find(name, in: names).map { "did you mean \"\($0)\"?" })
    }
    guard table.classes.count == classes.count else {
      throw Failure(
        .usage, "--palette",
        "\(name) has \(table.classes.count) colours, the model has \(classes.count) classes",
        hint: "voc has colours for any number of classes")
    }
    return zip(classes, table.classes).map { ClassInfo($0.name, $1.color) }
  }
}
