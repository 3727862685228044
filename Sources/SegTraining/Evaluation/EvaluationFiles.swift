public import SegCore
public import SegMetrics

/// Writes `summary.json`, the tables and the pictures of one evaluation into a folder of their own.
public func writeEvaluation(
  _ summary: EvaluationSummary, to path: String, _ fileSystem: FileSystem = .standard
) throws {
  let title = FilePath.name(of: path)
  var files = [
    ("summary.json", summary.json.pretty), ("per_class.csv", summary.perClassCSV),
    ("per_image.csv", summary.perImageCSV), ("confusion.csv", summary.confusionCSV),
    ("reliability.csv", summary.reliabilityCSV),
    ("per_class.svg", summary.scores.classBarsPlot(names: summary.names, title: title)),
    ("confusion.svg", summary.confusion.confusionPlot(names: summary.names, title: title)),
    ("reliability.svg", summary.reliabilityPlot(title: title)),
  ]
  if let cityscapes = summary.cityscapes {
    files.append((CityscapesEvaluation.fileName, cityscapes.officialJSON))
  }
  try fileSystem.makeDirectories(FilePath.parent(of: path))
  try AtomicDirectory.write(path, fileSystem: fileSystem) { directory throws(Failure) in
    for (name, text) in files {
      try directory.write(name) { file throws(Failure) in try file.write(text) }
    }
  }
}
