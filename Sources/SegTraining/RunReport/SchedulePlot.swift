import SegCore
import SegData
import SegEngine
import SegLosses
import SegOptim

/// The weights of the loss's terms and the learning rate over a run that has not begun, as SVG.
///
/// They come from the functions that training calls, so the picture is what will happen. The horizontal axis counts
/// steps from 1, as logs do.
public enum SchedulePlot {
  private static let header = 62.0
  private static let gap = 26.0

  /// The picture as a document of its own.
  ///
  /// - Throws: `Failure` where the length is given in epochs and the training split cannot be found.
  public static func document(_ config: RunConfig) throws -> String {
    let iterations = try iterations(config)
    let steps = sampled(iterations)
    let names = config.loss.termNames
    let weights = names.indices.map { index in
      ReportData.Series(
        name: names[index],
        points: steps.map { step in
          let time = TrainingTime(iteration: step - 1, of: iterations)
          return (Double(step), config.loss.weight(of: index, at: time))
        })
    }
    let rate = ReportData.Series(
      name: "learning rate",
      points: steps.map { step in
        let rate = config.lrSchedule.learningRate(
          base: config.optimizer.lr, step: step - 1, of: iterations)
        return (Double(step), rate)
      })
    let schedule = config.loss.schedule.map { type(of: $0).name } ?? "no schedule"
    let greatest = weights.flatMap(\.points).map(\.value).max() ?? 1
    return page(
      title: "\(config.name): \(iterations) steps",
      panels: [
        LinePlot(
          title: "weights of the loss's terms (\(schedule))", series: weights,
          range: 0...max(greatest, 1e-9)),
        LinePlot(title: "learning rate (\(config.lrSchedule.name))", series: [rate]),
      ])
  }

  private static func iterations(_ config: RunConfig) throws -> Int {
    if case .iterations(let count) = config.training.length { return count }
    let train = try FileDataset(config.data, split: config.data.train)
    return config.training.iterations(samples: train.count)
  }

  /// Steps that are drawn: all of a short run, evenly spread ones of a long run, the first and the last always.
  private static func sampled(_ iterations: Int) -> [Int] {
    let count = min(iterations, LinePlot.maximalPoints)
    guard count > 1 else { return [1] }
    return (0..<count).map { 1 + $0 * (iterations - 1) / (count - 1) }
  }

  private static func page(title: String, panels: [LinePlot]) -> String {
    let height = panels.reduce(gap) { sum, _ in sum + header + LinePlot.height }
    let (width, total) = (Int(LinePlot.width), Int(height))
    var out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(total)\""
    out += " width=\"\(width)\" height=\"\(total)\" font-family=\"Helvetica, Arial, sans-serif\""
    out += " font-size=\"11\" fill=\"#444444\">\n"
    out += "<title>\(ReportText.escape(title))</title>\n"
    out += "<style>.grid{stroke:#e4e4e4;fill:none}</style>\n"
    out += "<rect width=\"\(width)\" height=\"\(total)\" fill=\"#ffffff\"/>\n"
    out += "<text x=\"16\" y=\"24\" font-size=\"15\">\(ReportText.escape(title))</text>\n"
    var top = gap
    for panel in panels {
      let baseline = ReportText.coordinate(top + 28)
      out += "<text x=\"64\" y=\"\(baseline)\" font-size=\"13\">"
      out += "\(ReportText.escape(panel.title))</text>\n"
      out += legend(panel, baseline: top + 48)
      out += "<g transform=\"translate(0 \(ReportText.coordinate(top + header)))\">\n"
      out += "\(panel.drawing ?? "")</g>\n"
      top += header + LinePlot.height
    }
    return out + "</svg>\n"
  }

  private static func legend(_ panel: LinePlot, baseline: Double) -> String {
    var out = ""
    var left = 64.0
    for (index, line) in panel.series.enumerated() {
      let colour = LinePlot.colours[index % LinePlot.colours.count]
      let name = line.name
      out += "<rect x=\"\(ReportText.coordinate(left))\" "
      out += "y=\"\(ReportText.coordinate(baseline - 9))\" width=\"10\" height=\"10\" "
      out += "fill=\"\(colour)\"/>"
      out += "<text x=\"\(ReportText.coordinate(left + 15))\" "
      out += "y=\"\(ReportText.coordinate(baseline))\">\(ReportText.escape(name))</text>\n"
      left += 32 + 6.4 * Double(name.count)
    }
    return out
  }
}
