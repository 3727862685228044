extension CalibrationHistogram {
  /// A reliability diagram as SVG: how often each bin's samples came true, against the diagonal that
  /// a calibrated model follows; the distance is drawn in red, the share of samples below.
  public func reliabilityPlot(title: String) -> String {
    let (left, top, side, strip) = (56.0, 40.0, 320.0, 60.0)
    var svg = SVG(width: left + side + 24, height: top + side + strip + 66)
    svg.text(title, left, 24, size: 14)
    for tick in 0...5 {
      let share = Double(tick) / 5
      let y = top + side * (1 - share)
      svg.line(left, y, left + side, y, color: "#e4e4e4")
      svg.text(fixed(share, 1), left - 6, y + 4, .end, size: 11)
      svg.text(fixed(share, 1), left + side * share, top + side + strip + 24, .middle, size: 11)
    }
    let width = side / Double(Self.bins)
    let samples = Double(max(total, 1))
    for row in rows {
      guard let rate = row.accuracy, let mean = row.meanConfidence else { continue }
      let x = left + side * row.lower
      let hint =
        "\(fixed(row.lower, 1)) to \(fixed(row.upper, 1)): \(row.count) samples, "
        + "mean confidence \(fixed(mean, 4)), came true \(fixed(rate, 4))"
      svg.rectangle(
        x + 1, top + side * (1 - rate), width - 2, side * rate, fill: "#4878a8", hint: hint)
      let (low, high) = (min(rate, mean), max(rate, mean))
      svg.rectangle(
        x + width * 0.35, top + side * (1 - high), width * 0.3, side * (high - low),
        fill: "#d1495b", hint: hint)
      let tall = strip * 0.7 * Double(row.count) / samples
      svg.rectangle(
        x + 1, top + side + strip + 8 - tall, width - 2, tall, fill: "#9aa5b1", hint: hint)
    }
    svg.line(left, top + side, left + side, top, color: "#222222", dashed: true)
    svg.line(left, top + side, left + side, top + side, color: "#222222")
    svg.line(left, top + side + strip + 8, left + side, top + side + strip + 8, color: "#222222")
    svg.text("share of samples", left, top + side + 16, size: 10, color: "#666666")
    svg.text("confidence", left + side / 2, top + side + strip + 44, .middle)
    svg.text("came true", 16, top + side / 2, .middle, turned: -90)
    return svg.document
  }
}
