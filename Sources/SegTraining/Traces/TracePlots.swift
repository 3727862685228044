import SegCore

/// The curves of `traces.csv`, by class, as in figure 4 of the recall loss paper.
struct TracePlots {
  private let plots: [LinePlot]

  /// - Parameter path: of a run directory; one without traces has no plots.
  init(run path: String) throws(Failure) {
    let file = FilePath.join(path, RunDirectory.tracesName)
    guard FileSystem.kind(of: file) == .file else {
      plots = []
      return
    }
    plots = Self.plots(try InputFile.text(of: file))
  }

  private static let shown: [(column: Int, title: String)] = [
    (3, "Recall"), (4, "Mean confidence (p of the true class)"),
    (7, "Focal weight, share over classes"), (8, "Recall weight, share over classes"),
    (9, "Recall share over focal share"), (10, "Share of the gradient"),
  ]

  private static func plots(_ text: String) -> [LinePlot] {
    var names: [Int: String] = [:]
    var points = shown.map { _ in [Int: [(step: Double, value: Double)]]() }
    for line in text.split(separator: "\n").dropFirst() {
      let cells = line.split(
        separator: ",", maxSplits: TraceLog.columns.count - 1, omittingEmptySubsequences: false)
      // A line torn by a crash is no reason to have no plots.
      guard cells.count == TraceLog.columns.count, let step = Double(cells[0]),
        let index = Int(cells[1])
      else { continue }
      let name = cells[cells.count - 1]
      names[index] =
        name.hasPrefix("\"")
        ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : String(name)
      for (place, entry) in shown.enumerated() {
        guard let value = Double(cells[entry.column]), value.isFinite else { continue }
        points[place][index, default: []].append((step, value))
      }
    }
    return zip(shown, points).map { entry, points in
      LinePlot(
        title: entry.title,
        series: names.sorted { $0.key < $1.key }.map { index, name in
          ReportData.Series(name: name, points: points[index] ?? [])
        })
    }
  }

  /// For the report.
  var html: String {
    let drawn = plots.compactMap { plot in
      plot.svg.map { "<h3>\(ReportText.escape(plot.title))</h3>\n\($0)" }
    }
    guard let legend = plots.first?.legend, !drawn.isEmpty else { return "" }
    return
      "<h2>Classes while training</h2>\n<p class=\"note\">In the batch of each logged step.</p>\n"
      + "<p class=\"legend\">\(legend)</p>\n\(drawn.joined())"
  }

  /// `traces.svg`: all curves under one another, with the classes' colours; nil where there is nothing to draw.
  var svg: String? {
    let panels = plots.compactMap { plot in plot.svg.map { (plot.title, $0) } }
    guard let series = plots.first?.series, !panels.isEmpty else { return nil }
    let perRow = 4
    let rows = (series.count + perRow - 1) / perRow
    let (width, panel, top) = (720, 316, 20 + 20 * rows)
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(top + panel * panels.count)" \
      font-family="Helvetica, Arial, sans-serif">
      <style>text{font-size:11px;fill:#444}.grid{stroke:#e4e4e4;fill:none}</style>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    for (index, line) in series.enumerated() {
      let (x, y) = (20 + width / perRow * (index % perRow), 12 + 20 * (index / perRow))
      let colour = LinePlot.colours[index % LinePlot.colours.count]
      out += "<rect x=\"\(x)\" y=\"\(y)\" width=\"10\" height=\"10\" fill=\"\(colour)\"/>"
      out += "<text x=\"\(x + 15)\" y=\"\(y + 9)\">\(ReportText.escape(line.name))</text>\n"
    }
    for (index, (title, drawing)) in panels.enumerated() {
      let y = top + panel * index
      out +=
        "<text x=\"64\" y=\"\(y + 20)\" style=\"font-size:13px\">\(ReportText.escape(title))</text>\n"
      out += "<svg x=\"0\" y=\"\(y + 28)\" width=\"\(width)\" height=\"280\" "
      out += drawing.dropFirst("<svg ".count)
    }
    return out + "</svg>\n"
  }
}
