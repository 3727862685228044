import Glibc

/// A line plot over steps as an SVG of its own, no script and no style sheet.
struct LinePlot {
  static let colours = [
    "#1f6fb4", "#d9622b", "#2f8f4e", "#8a5bb5", "#b8860b", "#5f6b73", "#c2185b", "#00838f",
    "#7cb342",
    "#5d4037", "#3949ab", "#f48fb1", "#90caf9", "#ffab91", "#a5d6a7", "#ce93d8", "#d4b106",
    "#212121",
    "#e53935", "#80cbc4",
  ]
  /// More points than this are drawn as means of equal stretches, with a band from least to greatest.
  static let maximalPoints = 400

  var title: String
  var series: [ReportData.Series]
  /// The range of the vertical axis; nil takes it from the values.
  var range: ClosedRange<Double>?

  static let width = 720.0
  static let height = 280.0
  private static let left = 64.0
  private static let right = 24.0
  private static let top = 12.0
  private static let bottom = 34.0

  /// The SVG; nil where there is nothing to draw.
  var svg: String? {
    guard let drawing else { return nil }
    return "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\">"
      + "<title>\(ReportText.escape(title))</title>\n\(drawing)</svg>\n"
  }

  /// What the SVG holds.
  var drawing: String? {
    let points = series.flatMap(\.points)
    guard let firstStep = points.map(\.step).min(), let lastStep = points.map(\.step).max(),
      let least = points.map(\.value).min(), let greatest = points.map(\.value).max()
    else { return nil }
    let xTicks = Self.ticks(firstStep...max(lastStep, firstStep + 1), about: 7)
    let yTicks = Self.ticks(range ?? Self.padded(least, greatest), about: 5)
    let xRange = firstStep...max(lastStep, firstStep + 1)
    let yRange = min(yTicks[0], least)...max(yTicks[yTicks.count - 1], greatest)
    func x(_ step: Double) -> String {
      let part = (step - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
      return ReportText.coordinate(Self.left + part * (Self.width - Self.left - Self.right))
    }
    func y(_ value: Double) -> String {
      let part = (value - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
      return ReportText.coordinate(
        Self.height - Self.bottom - part * (Self.height - Self.top - Self.bottom))
    }
    var out = ""
    let (low, high) = (x(xRange.lowerBound), x(xRange.upperBound))
    for tick in yTicks {
      out += "<path class=\"grid\" d=\"M\(low) \(y(tick))H\(high)\"/>"
      out += "<text x=\"\(ReportText.coordinate(Self.left - 8))\" y=\"\(y(tick))\" dy=\"4\" "
      out += "text-anchor=\"end\">\(Self.label(tick, yTicks))</text>\n"
    }
    for tick in xTicks where xRange.contains(tick) {
      out += "<text x=\"\(x(tick))\" y=\"\(ReportText.coordinate(Self.height - 12))\" "
      out += "text-anchor=\"middle\">\(Self.label(tick, xTicks))</text>\n"
    }
    for (index, line) in series.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let drawn = Self.thinned(line.points)
      if drawn.contains(where: { $0.low < $0.high }) {
        let above = drawn.map { "\(x($0.step)) \(y($0.high))" }
        let below = drawn.reversed().map { "\(x($0.step)) \(y($0.low))" }
        let path = (above + below).joined(separator: "L")
        out += "<path d=\"M\(path)Z\" fill=\"\(colour)\" opacity=\"0.15\"/>\n"
      }
      let path = drawn.map { "\(x($0.step)) \(y($0.mean))" }.joined(separator: "L")
      out += "<path d=\"M\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.6\"/>\n"
      if drawn.count <= 40 {
        for point in drawn {
          out +=
            "<circle cx=\"\(x(point.step))\" cy=\"\(y(point.mean))\" r=\"2.4\" fill=\"\(colour)\">"
          out += "<title>\(ReportText.escape(line.name)), step \(Int(point.step)): \(point.mean)"
          out += "</title></circle>\n"
        }
      }
    }
    return out
  }

  /// The names of the lines with their colours, as HTML.
  var legend: String {
    series.enumerated().map { index, line in
      "<span><i style=\"background:\(Self.colours[index % Self.colours.count])\"></i>"
        + "\(ReportText.escape(line.name))</span>"
    }.joined(separator: " ")
  }

  private static func padded(_ least: Double, _ greatest: Double) -> ClosedRange<Double> {
    least < greatest
      ? least...greatest
      : (least - max(abs(least), 1e-9) / 2)...(greatest + max(abs(greatest), 1e-9) / 2)
  }

  /// Round numbers that cover `range`, about as many as asked for.
  static func ticks(_ range: ClosedRange<Double>, about count: Int) -> [Double] {
    let raw = (range.upperBound - range.lowerBound) / Double(count)
    guard raw > 0, raw.isFinite else { return [range.lowerBound, range.lowerBound + 1] }
    let power = pow(10, floor(log10(raw)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw } ?? raw
    let first = (range.lowerBound / step).rounded(.down)
    let last = (range.upperBound / step).rounded(.up)
    guard last - first < 100 else { return [range.lowerBound, range.upperBound] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private static func label(_ tick: Double, _ ticks: [Double]) -> String {
    let step = ticks[1] - ticks[0]
    let digits = step >= 1 ? 0 : Int((-log10(step)).rounded(.up))
    if digits > 6 || abs(tick) >= 1e9 {
      if tick == 0 { return "0" }
      let exponent = floor(log10(abs(tick)))
      return "\(ReportText.fixed(tick / pow(10, exponent), 1))e\(Int(exponent))"
    }
    return ReportText.fixed(tick, digits)
  }

  private static func thinned(
    _ points: [(step: Double, value: Double)]
  ) -> [(step: Double, low: Double, mean: Double, high: Double)] {
    let size = (points.count + maximalPoints - 1) / maximalPoints
    return stride(from: 0, to: points.count, by: max(1, size)).map { start in
      let part = points[start..<min(start + size, points.count)]
      let values = part.map(\.value)
      let count = Double(part.count)
      return (
        step: part.reduce(0) { $0 + $1.step } / count, low: values.min() ?? 0,
        mean: values.reduce(0, +) / count, high: values.max() ?? 0
      )
    }
  }
}
