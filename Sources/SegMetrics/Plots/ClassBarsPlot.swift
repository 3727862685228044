extension ConfusionScores {
  /// IoU, recall and precision of every class as bars, as SVG, with each class's share of the pixels; a dash
  /// stands for what is undefined, and dashed lines for the means over classes.
  public func classBarsPlot(names: [String], title: String) -> String {
    let (bar, group, side, top) = (9.0, 38.0, 360.0, 66.0)
    let shown = classes.map { $0.index < names.count ? names[$0.index] : "class \($0.index)" }
    let left = 24 + 7.2 * max(10, Double(shown.map { min($0.count, 28) }.max() ?? 0))
    let pixels = classes.reduce(Int64(0)) { $0 + $1.pixels }
    let height = group * Double(classes.count)
    var svg = SVG(width: left + side + 56, height: top + height + 34)
    svg.text(title, 12, 24, size: 14)
    let kinds = [("IoU", "#4878a8"), ("recall", "#e1812c"), ("precision", "#8a9a5b")]
    for (index, kind) in kinds.enumerated() {
      let x = left + 90 * Double(index)
      svg.rectangle(x, 38, 10, 10, fill: kind.1)
      svg.text(kind.0, x + 15, 47)
    }
    svg.text("dashed: means", left + 280, 47, size: 10, color: "#666666")
    for tick in 0...5 {
      let x = left + side * Double(tick) / 5
      svg.line(x, top - 6, x, top + height, color: "#e4e4e4")
      svg.text("\(tick * 20) %", x, top + height + 16, .middle, size: 11)
    }
    for (index, one) in classes.enumerated() {
      let y = top + group * Double(index)
      svg.text(shown[index].shortened(to: 28), left - 8, y + 14, .end)
      let share = pixels > 0 ? Double(one.pixels) / Double(pixels) : nil
      svg.text("\(percent(share)) % of pixels", left - 8, y + 25, .end, size: 8, color: "#666666")
      for (row, value) in [one.iou, one.recall, one.precision].enumerated() {
        let barTop = y + (bar + 1) * Double(row)
        if let value {
          svg.rectangle(
            left, barTop, side * value, bar, fill: kinds[row].1,
            hint: "\(shown[index]): \(kinds[row].0) \(percent(value)) %")
        }
        svg.text(
          percent(value), left + side * (value ?? 0) + 4, barTop + bar - 1, size: 9,
          color: "#666666")
      }
    }
    for (mean, kind) in zip([meanIoU, meanAccuracy, meanPrecision], kinds) {
      guard let mean else { continue }
      let x = left + side * mean
      svg.line(x, top - 6, x, top + height, color: kind.1, dashed: true)
    }
    svg.line(left, top - 6, left, top + height, color: "#222222")
    return svg.document
  }
}
