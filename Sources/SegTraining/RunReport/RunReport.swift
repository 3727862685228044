public import SegCore

/// `report.html`: curves, scores and configuration of a run in one file that needs nothing else.
///
/// It is made from `config.json`, `metrics.jsonl` and the newest `eval/<split>@<step>/summary.json`,
/// so it can be made again at any time and has no times of day in it.
public enum RunReport {
  public static func write(_ run: RunDirectory) throws(Failure) {
    let traces = try TracePlots(run: run.path)
    let text = try html(of: run.path, traces)
    try AtomicFile.write(text, to: run.report, fileSystem: run.fileSystem)
    if let svg = traces.svg { try run.write("traces.svg", svg) }
  }

  /// The document for the run directory at `path`.
  /// - Throws: `.badData` where a file of the run cannot be understood.
  public static func html(of path: String) throws(Failure) -> String {
    try html(of: path, TracePlots(run: path))
  }

  private static func html(
    of path: String, _ traces: TracePlots
  ) throws(Failure) -> String {
    let data = try ReportData(run: path)
    let title = ReportText.escape(data.name)
    var out = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title) – segtrain</title>
      <style>\(style)</style></head><body>
      <h1>\(title)</h1>
      <p class="note">\(ReportText.grouped(data.lastStep)) steps</p>

      """
    out += figures(data)
    out += plot(LinePlot(title: "Loss", series: data.loss))
    out += plot(LinePlot(title: "Scores", series: data.scores, range: 0...1))
    out += plot(LinePlot(title: "Learning rate", series: data.learningRate))
    out += traces.html
    out += table(data)
    if let map = ConfusionMap(counts: data.confusion, names: data.classes.map(\.name)).svg {
      out += "<h2>Confusion matrix</h2>\n<p class=\"note\">Rows: truth. Columns: prediction. "
      out += "Numbers: percent of the pixels of the row.</p>\n\(map)"
    }
    if !data.config.isEmpty {
      out += "<h2>Configuration</h2>\n<details><summary>config.json</summary>"
      out += "<pre>\(ReportText.escape(data.config))</pre></details>\n"
    }
    return out + "</body></html>\n"
  }

  private static func figures(_ data: ReportData) -> String {
    guard let summary = data.summary, let evaluation = data.evaluation else { return "" }
    let shown = [
      ("mean_iou", "mean IoU"), ("mean_accuracy", "mean accuracy"),
      ("pixel_accuracy", "pixel accuracy"), ("frequency_weighted_iou", "frequency-weighted IoU"),
      ("mean_precision", "mean precision"), ("macro_f1", "macro F1"),
    ]
    let cells = shown.compactMap { key, label -> String? in
      guard let value = summary[key] else { return nil }
      return "<div><b>\(ReportText.percent(value.double))</b><span>\(label), %</span></div>"
    }
    if cells.isEmpty { return "" }
    return "<p class=\"note\">Evaluation \(ReportText.escape(evaluation))</p>\n"
      + "<div class=\"figures\">\(cells.joined())</div>\n"
  }

  private static func plot(_ plot: LinePlot) -> String {
    guard let svg = plot.svg else { return "" }
    let legend = plot.series.count > 1 ? "<p class=\"legend\">\(plot.legend)</p>\n" : ""
    return "<h2>\(ReportText.escape(plot.title))</h2>\n\(legend)\(svg)"
  }

  private static func table(_ data: ReportData) -> String {
    let classes = data.classes
    if classes.isEmpty { return "" }
    var out = "<h2>Classes</h2>\n<table><tr><th>class</th><th>IoU, %</th><th></th>"
    out += "<th>recall</th><th>precision</th><th>F1</th><th>pixels</th></tr>\n"
    for row in classes {
      let width = ReportText.coordinate(100 * min(1, max(0, row.iou ?? 0)))
      out += "<tr><td>\(ReportText.escape(row.name))</td><td>\(ReportText.percent(row.iou))</td>"
      out += "<td class=\"bar\"><i style=\"width:\(width)%\"></i></td>"
      for score in [row.recall, row.precision, row.f1] {
        out += "<td>\(ReportText.percent(score))</td>"
      }
      out += "<td>\(row.pixels.map(ReportText.grouped) ?? "–")</td></tr>\n"
    }
    return out + "</table>\n"
  }

  private static let style = """
    body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:860px;\
    margin:2rem auto;padding:0 1rem}
    h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .4rem}
    h3{font-size:.95rem;font-weight:500;margin:1rem 0 .2rem}
    .note{color:#666;margin:.2rem 0 .8rem}
    .figures{display:flex;flex-wrap:wrap;gap:.6rem 2rem}
    .figures b{display:block;font-size:1.5rem;font-weight:600}.figures span{color:#666}
    svg{width:100%;height:auto;display:block}
    svg text{font-size:11px;fill:#444}svg text[fill]{fill:#fff}
    .grid{stroke:#e4e4e4;fill:none}
    .legend{margin:.2rem 0;color:#444}.legend span{margin-right:1rem}
    .legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.35rem;border-radius:2px}
    table{border-collapse:collapse;width:100%}
    th,td{text-align:right;padding:.2rem .6rem;border-bottom:1px solid #eee;\
    font-variant-numeric:tabular-nums}
    th{font-weight:500;color:#666}th:first-child,td:first-child{text-align:left}
    .bar{width:22%}.bar i{display:block;height:.7rem;background:#1f6fb4;border-radius:2px}
    pre{background:#f6f6f6;padding:1rem;overflow:auto;font-size:13px}
    """
}
