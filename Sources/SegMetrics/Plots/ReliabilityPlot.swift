extension CalibrationHistogram {
  /// A reliability diagram as SVG: how often each bin's samples came true, against the diagonal that
  /// a calibrated model follows; the distance is drawn in red, the share of samples below.
  public func reliabilityPlot(title: String) -> String {
    var svg = SVG(width: ReliabilityPanel.width, height: ReliabilityPanel.height)
    ReliabilityPanel(histogram: self, title: title, x: 0).draw(on: &svg)
    return svg.document
  }
}

extension EvaluationSummary {
  /// Two reliability diagrams side by side as SVG: of every class's probability, which the calibration
  /// score is made of, and of the predicted class's, which the ECE is made of.
  public func reliabilityPlot(title: String) -> String {
    var svg = SVG(width: 2 * ReliabilityPanel.width, height: ReliabilityPanel.height)
    let panels = [
      (pooledCalibration, "\(title): every class, cal \(fixed(calibration, 4))"),
      (topCalibration, "predicted class, ECE \(fixed(expectedCalibrationError, 4))"),
    ]
    for (index, panel) in panels.enumerated() {
      ReliabilityPanel(
        histogram: panel.0, title: panel.1, x: Double(index) * ReliabilityPanel.width
      ).draw(on: &svg)
    }
    return svg.document
  }
}

/// One diagram, `x` pixels from the left edge of its picture.
private struct ReliabilityPanel {
  static let width = left + side + 24
  static let height = top + side + strip + 76
  private static let (left, top, side, strip) = (64.0, 44.0, 320.0, 60.0)

  var histogram: CalibrationHistogram
  var title: String
  var x: Double

  func draw(on svg: inout SVG) {
    let (top, side) = (Self.top, Self.side)
    let left = x + Self.left
    let foot = top + side + Self.strip + 14
    svg.text(title.shortened(to: 48), left, 26, size: 14)
    for tick in 0...5 {
      let share = Double(tick) / 5
      svg.line(
        left, top + side * (1 - share), left + side, top + side * (1 - share), color: "#e4e4e4")
      svg.line(left + side * share, top, left + side * share, top + side, color: "#f2f2f2")
      svg.text(fixed(share, 1), left - 6, top + side * (1 - share) + 4, .end, size: 11)
      svg.text(fixed(share, 1), left + side * share, foot + 16, .middle, size: 11)
    }
    for row in histogram.rows { bars(row, foot: foot, on: &svg) }
    svg.line(left, top + side, left + side, top, color: "#222222", dashed: true)
    svg.line(left, top + side, left + side, top + side, color: "#222222")
    svg.line(left, foot, left + side, foot, color: "#222222")
    svg.text("share of samples", left, top + side + 18, size: 10, color: "#666666")
    svg.text("confidence", left + side / 2, foot + 36, .middle)
    svg.text("came true", x + 20, top + side / 2, .middle, turned: -90)
  }

  private func bars(_ row: ReliabilityRow, foot: Double, on svg: inout SVG) {
    guard let rate = row.accuracy, let mean = row.meanConfidence else { return }
    let (top, side) = (Self.top, Self.side)
    let width = side / Double(CalibrationHistogram.bins)
    let start = x + Self.left + side * row.lower
    let share = Double(row.count) / Double(histogram.total)
    let hint =
      "\(fixed(row.lower, 1)) to \(fixed(row.upper, 1)): \(row.count) samples, "
      + "mean confidence \(fixed(mean, 4)), came true \(fixed(rate, 4))"
    svg.rectangle(
      start + 1, top + side * (1 - rate), width - 2, side * rate, fill: "#4878a8", hint: hint)
    let (low, high) = (min(rate, mean), max(rate, mean))
    svg.rectangle(
      start + width * 0.35, top + side * (1 - high), width * 0.3, side * (high - low),
      fill: "#d1495b", hint: hint)
    let tall = (Self.strip - 24) * share
    svg.rectangle(start + 1, foot - tall, width - 2, tall, fill: "#9aa5b1", hint: hint)
    svg.text(
      percent(share) + " %", start + width / 2, foot - tall - 3, .middle, size: 7, color: "#666666")
  }
}
