internal import SegCore

/// Files as the servers of benchmarks take them.
public enum BenchmarkFormat: String, Sendable, CaseIterable {
  /// `cityscapes/<city>_<seq>_<frame>.png`: gray, label ids.
  case cityscapes
  /// `results/VOC2012/Segmentation/comp6_test_cls/<id>.png`: class indices with VOC's palette.
  case voc

  /// Where the result for the picture `stem` goes; Cityscapes' server finds it by the name's first
  /// three parts anywhere in a folder, but wants one file of each.
  public func path(folder: String, stem: String) -> String {
    switch self {
    case .cityscapes:
      let ending = "_leftImg8bit"
      let name = stem.hasSuffix(ending) ? String(stem.dropLast(ending.count)) : stem
      return FilePath.join(folder, "cityscapes/\(name).png")
    case .voc:
      return FilePath.join(folder, "results/VOC2012/Segmentation/comp6_test_cls/\(stem).png")
    }
  }

  /// The values the server wants for class indices `labels` of a model with classes `table`.
  ///
  /// - Throws: `Failure` `.usage` when these are not the benchmark's classes.
  public func result(_ labels: LabelMap, table: ClassTable) throws -> LabelMap {
    var result = labels
    result.bitDepth = 8
    switch self {
    case .cityscapes:
      guard !table.resultValues.isEmpty else { throw failure(table, "Cityscapes") }
      var values = [UInt8](repeating: 0, count: 256)
      for (index, value) in table.resultValues.enumerated() { values[index] = value }
      result.palette = []
      result.pixels = labels.pixels.map { values[Int($0)] }
    case .voc:
      guard table.classes.map(\.name) == ClassTable.voc21.classes.map(\.name) else {
        throw failure(table, "PASCAL VOC")
      }
      result.palette = (0...255).map(ClassColors.spread)
    }
    return result
  }

  private func failure(_ table: ClassTable, _ benchmark: String) -> Failure {
    let names = table.classes.prefix(4).map(\.name).joined(separator: ", ")
    return Failure(
      .usage, "--save \(rawValue)",
      "the model's \(table.classes.count) classes (\(names), ...) are not those of \(benchmark)",
      hint: "it was trained with data.classes \"\(table.name)\"; index writes its own indices")
  }
}
