/// Mean accuracy over mean IoU as an SVG (the recall paper's figures 2 and 3): a small mark a run, a large one for
/// the mean over seeds with whiskers of one standard deviation.
package struct StudyScatter {
  private static let (width, height) = (720.0, 520.0)
  private static let (left, right, top, bottom) = (64.0, 24.0, 44.0, 52.0)
  private static let colours = [
    "#1f6fb4", "#d9622b", "#2f8f4e", "#8a5bb5", "#b8860b", "#5f6b73", "#c2185b", "#00838f",
  ]

  /// A loss: the scores of each of its runs, in percent.
  package struct Mark {
    var name: String
    var runs: [(seed: Int, x: Double, y: Double)]

    /// - Parameter runs: seed, mean IoU and mean accuracy, at least one.
    package init(name: String, runs: [(seed: Int, x: Double, y: Double)]) {
      self.name = name
      self.runs = runs
    }

    var mean: (x: Double, y: Double) {
      (Spread(values: runs.map(\.x)).mean ?? 0, Spread(values: runs.map(\.y)).mean ?? 0)
    }
    var deviation: (x: Double?, y: Double?) {
      (Spread(values: runs.map(\.x)).deviation, Spread(values: runs.map(\.y)).deviation)
    }
  }

  private let title: String
  private let marks: [Mark]

  package init(title: String, _ marks: [Mark]) {
    self.title = title
    self.marks = marks
  }

  init(_ group: StudyResults.Group) {
    let marks = group.rows.compactMap { row -> Mark? in
      let runs = row.runs.compactMap { run -> (seed: Int, x: Double, y: Double)? in
        guard let x = run.scores[.meanIoU], let y = run.scores[.meanAccuracy] else { return nil }
        return (run.seed, 100 * x, 100 * y)
      }
      return runs.isEmpty ? nil : Mark(name: row.loss, runs: runs)
    }
    self.init(title: group.title, marks)
  }

  /// Nil where no loss has a result.
  package var svg: String? {
    guard !marks.isEmpty else { return nil }
    let (xTicks, yTicks) = (ticks(\.x) { $0.x }, ticks(\.y) { $0.y })
    let (xRange, yRange) = (
      xTicks[0]...xTicks[xTicks.count - 1], yTicks[0]...yTicks[yTicks.count - 1]
    )
    func x(_ value: Double) -> Double {
      Self.left + (value - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
        * (Self.width - Self.left - Self.right)
    }
    func y(_ value: Double) -> Double {
      Self.height - Self.bottom - (value - yRange.lowerBound)
        / (yRange.upperBound - yRange.lowerBound) * (Self.height - Self.top - Self.bottom)
    }
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      width="\(Int(Self.width))" height="\(Int(Self.height))" \
      font-family="Helvetica, Arial, sans-serif" font-size="12">
      <rect width="\(Int(Self.width))" height="\(Int(Self.height))" fill="#ffffff"/>

      """
    out += Self.text(title, Self.left, 24, "start", size: 14)
    let (floor, ceiling) = (Self.height - Self.bottom, Self.top)
    for tick in xTicks {
      out += Self.line(x(tick), ceiling, x(tick), floor, "#e4e4e4")
      out += Self.text(Self.label(tick, xTicks), x(tick), floor + 18, "middle")
    }
    for tick in yTicks {
      out += Self.line(Self.left, y(tick), Self.width - Self.right, y(tick), "#e4e4e4")
      out += Self.text(Self.label(tick, yTicks), Self.left - 8, y(tick) + 4, "end")
    }
    out += Self.text(
      "mean IoU, %", (Self.left + Self.width - Self.right) / 2, Self.height - 12, "middle")
    let middle = (ceiling + floor) / 2
    out += "<g transform=\"rotate(-90 16 \(Self.c(middle)))\">"
    out += Self.text("mean accuracy, %", 16, middle, "middle") + "</g>\n"
    for (index, mark) in marks.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let (mx, my) = (x(mark.mean.x), y(mark.mean.y))
      if let d = mark.deviation.x {
        out += Self.line(x(mark.mean.x - d), my, x(mark.mean.x + d), my, colour)
      }
      if let d = mark.deviation.y {
        out += Self.line(mx, y(mark.mean.y - d), mx, y(mark.mean.y + d), colour)
      }
      for run in mark.runs where mark.runs.count > 1 {
        out += "<circle cx=\"\(Self.c(x(run.x)))\" cy=\"\(Self.c(y(run.y)))\" r=\"2.6\" "
        out += "fill=\"\(colour)\" opacity=\"0.5\"><title>"
        out += "\(ReportText.escape(mark.name)), seed \(run.seed): mean IoU \(fixed(run.x, 2)) %, "
        out += "mean accuracy \(fixed(run.y, 2)) %</title></circle>\n"
      }
      out += Self.shape(index / Self.colours.count, mx, my, colour)
    }
    let points = marks.map { (x: x($0.mean.x), y: y($0.mean.y)) }
    for (index, place) in labels(points).enumerated() {
      if place.isFar {
        out += Self.line(points[index].x, points[index].y, place.x, place.y - 4, "#9aa5b1")
      }
      out += Self.text(
        marks[index].name, place.x, place.y, place.anchor,
        colour: Self.colours[index % Self.colours.count])
    }
    return out + "</svg>\n"
  }

  private func ticks(
    _ mean: (((x: Double, y: Double)) -> Double),
    _ run: (((seed: Int, x: Double, y: Double)) -> Double)
  ) -> [Double] {
    let values = marks.flatMap { mark in [mean(mark.mean)] + mark.runs.map(run) }
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let margin = max(0.08 * (high - low), 0.25)
    return LinePlot.ticks((low - margin)...(high + margin), about: 7)
  }

  // MARK: Labels

  private struct Place {
    var x, y: Double
    var anchor: String
    /// Farther away than beside the mark: a line leads to it.
    var isFar: Bool
    var box: (left: Double, top: Double, right: Double, bottom: Double)
  }

  /// A place for each name, one after the other where it covers least: other names first of all, then marks.
  private func labels(_ points: [(x: Double, y: Double)]) -> [Place] {
    var placed: [Place] = []
    for (index, point) in points.enumerated() {
      let width = 6.6 * Double(marks[index].name.count)
      var best: (cost: Double, place: Place)?
      for (rank, distance) in [10.0, 24, 40, 60].enumerated() {
        for (turn, angle) in [
          // Beside the whiskers before on them.
          (1.0, -1.0), (-1, -1), (1, 1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1),
        ]
        .enumerated() {
          let anchor = angle.0 > 0 ? "start" : angle.0 < 0 ? "end" : "middle"
          let (px, py) = (point.x + angle.0 * distance, point.y + angle.1 * (distance + 2) + 4)
          let start = px - (anchor == "start" ? 0 : anchor == "end" ? width : width / 2)
          let box = (left: start - 2, top: py - 11, right: start + width + 2, bottom: py + 3)
          var cost = 4 * Double(rank) + 0.1 * Double(turn)
          for other in placed {
            let x = min(box.right, other.box.right) - max(box.left, other.box.left)
            let y = min(box.bottom, other.box.bottom) - max(box.top, other.box.top)
            if x > 0, y > 0 { cost += 1000 + x * y }
          }
          for (other, mark) in points.enumerated() where other != index {
            let isInside =
              mark.x > box.left - 5 && mark.x < box.right + 5 && mark.y > box.top - 5
              && mark.y < box.bottom + 5
            if isInside { cost += 100 }
          }
          if box.left < Self.left || box.right > Self.width || box.top < Self.top - 14
            || box.bottom > Self.height - Self.bottom
          {
            cost += 5000
          }
          if best.map({ cost < $0.cost }) ?? true {
            best = (cost, Place(x: px, y: py, anchor: anchor, isFar: rank > 0, box: box))
          }
        }
      }
      if let best { placed.append(best.place) }
    }
    return placed
  }

  // MARK: Shapes

  private static func shape(_ kind: Int, _ x: Double, _ y: Double, _ colour: String) -> String {
    let style = "fill=\"\(colour)\" stroke=\"#ffffff\""
    switch kind % 3 {
    case 0: return "<circle cx=\"\(c(x))\" cy=\"\(c(y))\" r=\"5.5\" \(style)/>\n"
    case 1:
      return "<rect x=\"\(c(x - 5))\" y=\"\(c(y - 5))\" width=\"10\" height=\"10\" \(style)/>\n"
    default:
      return "<path d=\"M\(c(x)) \(c(y - 7))L\(c(x + 6)) \(c(y + 5))L\(c(x - 6)) \(c(y + 5))Z\" "
        + "\(style)/>\n"
    }
  }

  private static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String
  ) -> String {
    "<line x1=\"\(c(x1))\" y1=\"\(c(y1))\" x2=\"\(c(x2))\" y2=\"\(c(y2))\" stroke=\"\(colour)\"/>\n"
  }

  private static func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: String, size: Int = 12,
    colour: String = "#222222"
  ) -> String {
    "<text x=\"\(c(x))\" y=\"\(c(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" "
      + "fill=\"\(colour)\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">\(ReportText.escape(text))</text>\n"
  }

  private static func label(_ tick: Double, _ ticks: [Double]) -> String {
    let step = ticks[1] - ticks[0]
    return fixed(tick, step >= 1 ? 0 : step >= 0.1 ? 1 : 2)
  }

  private static func c(_ value: Double) -> String { ReportText.coordinate(value) }
}
