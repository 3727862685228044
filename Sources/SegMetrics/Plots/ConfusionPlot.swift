extension ConfusionMatrix {
  /// The matrix as an SVG heat map: rows truth, columns prediction, each row in shares of its true
  /// pixels, so that the diagonal is recall. Rows without true pixels are grey.
  public func confusionPlot(names: [String], title: String) -> String {
    let cell = classes <= 20 ? 30.0 : max(4, 600 / Double(classes))
    let size = min(12, max(5, cell * 0.8))
    let shown = (0..<classes).map { ($0 < names.count ? names[$0] : "class \($0)") }
    let longest = shown.map { min($0.count, 24) }.max() ?? 0
    let label = 24 + Double(longest) * size * 0.6
    let (left, top, side) = (label + 16, 58.0, cell * Double(classes))
    var svg = SVG(width: left + side + 24, height: top + side + label + 30)
    svg.text(title, 12, 24, size: 14)
    svg.text("per cent of each class's true pixels", 12, 42, size: 10, color: "#666666")
    for truth in 0..<classes {
      let y = top + cell * Double(truth)
      let pixels = truePixels(truth)
      svg.text(
        shown[truth].shortened(to: 24), left - 6, y + cell / 2 + size * 0.35, .end, size: size)
      svg.text(
        shown[truth].shortened(to: 24), left + cell * (Double(truth) + 0.5) + size * 0.35,
        top + side + 8, .end, size: size, turned: -90)
      if pixels == 0 {
        svg.rectangle(left, y, side, cell, fill: "#eeeeee", hint: "\(shown[truth]): no true pixels")
        continue
      }
      // Empty cells are left white: most cells of a large matrix are.
      for prediction in 0..<classes where self[truth: truth, prediction: prediction] > 0 {
        let count = self[truth: truth, prediction: prediction]
        let share = Double(count) / Double(pixels)
        let x = left + cell * Double(prediction)
        svg.rectangle(
          x, y, cell, cell, fill: shade(share),
          hint: "\(shown[truth]) taken for \(shown[prediction]): \(count) pixels, "
            + "\(percent(share)) %")
        if cell >= 24 && share >= 0.005 {
          svg.text(
            fixed(share * 100, 0), x + cell / 2, y + cell / 2 + 4, .middle, size: 11,
            color: share > 0.5 ? "#ffffff" : "#222222")
        }
      }
    }
    for (x1, y1, x2, y2) in [
      (0, 0, 1, 0), (0, 1, 1, 1), (0, 0, 0, 1), (1, 0, 1, 1),
    ] as [(Double, Double, Double, Double)] {
      svg.line(
        left + side * x1, top + side * y1, left + side * x2, top + side * y2, color: "#888888")
    }
    svg.text("truth", 12, top + side / 2, .middle, turned: -90)
    svg.text("prediction", left + side / 2, top + side + label + 18, .middle)
    return svg.document
  }
}
