import SegTraining
import Testing

@Suite struct StudyTableTests {
  private static let table = StudyTable(
    title: "A & B", columns: ["loss", "score, %", "same", "cal"],
    rows: [
      [
        .text("a|b_c"), .spread(Spread(values: [0.5, 0.6]), percent: true),
        .spread(Spread(values: [0.25]), percent: true),
        .spread(Spread(values: [-0.5]), percent: false),
      ],
      [
        .text("100 %"), .spread(Spread(values: [0.7]), percent: true),
        .spread(Spread(values: [0.25]), percent: true),
        .spread(Spread(values: [nil]), percent: false),
      ],
    ], marksLargest: true)

  @Test func markdown() {
    #expect(
      Self.table.markdown == """
        | loss | score, % | same | cal |
        |---|---:|---:|---:|
        | a\\|b\\_c | 55.00 ± 7.07 | 25.00 | **−0.5000** |
        | 100 % | **70.00** | 25.00 | – |

        """)
  }

  @Test func latex() {
    let text = Self.table.latex
    for part in [
      "\\caption{A \\& B}", "\\begin{tabular}{lrrr}", "loss & score, \\% & same & cal \\\\",
      "a|b\\_c & $55.00 \\pm 7.07$ & $25.00$ & $\\mathbf{-0.5000}$ \\\\",
      "100 \\% & $\\mathbf{70.00}$ & $25.00$ & -- \\\\", "\\toprule", "\\midrule", "\\bottomrule",
    ] { #expect(text.contains(part), "\(part) in\n\(text)") }
  }

  @Test func differences() {
    let difference = PairedBootstrap.Difference(
      spread: Spread(values: [0.01, 0.03]), low: -0.001, high: 0.05)
    let table = StudyTable(
      title: "", columns: ["loss", "d"],
      rows: [
        [.text("x"), .difference(difference, percent: true)],
        [.text("y"), .difference(nil, percent: true)],
      ], marksLargest: false)
    #expect(table.markdown.contains("| x | +2.00 ± 1.41 [−0.10, 5.00] |\n| y | – |"))
    #expect(table.latex.contains("x & $+2.00 \\pm 1.41 [-0.10, 5.00]$"))
  }
}

@Suite struct StudyScatterTests {
  private static func texts(_ svg: String) -> [(name: String, x: Double, y: Double, anchor: String)]
  {
    svg.split(separator: "<text ").dropFirst().compactMap { piece in
      func attribute(_ name: String) -> String {
        let parts = piece.split(separator: "\(name)=\"", omittingEmptySubsequences: false)
        return parts.dropFirst().first.map { String($0.prefix { $0 != "\"" }) } ?? ""
      }
      guard let x = Double(attribute("x")), let y = Double(attribute("y")),
        let start = piece.firstIndex(of: ">")
      else { return nil }
      let name = piece[piece.index(after: start)...].prefix { $0 != "<" }
      return (String(name), x, y, attribute("text-anchor"))
    }
  }

  /// Eight losses within half a point of each other, and in one place.
  @Test(arguments: [0.0, 0.06, 0.5])
  func labelsDoNotOverlap(distance: Double) throws {
    let names = (0..<8).map { "some loss \($0)" }
    let marks = names.enumerated().map { index, name in
      let shift = distance * Double(index)
      return StudyScatter.Mark(
        name: name, runs: [(1, 50 + shift, 60 - shift), (2, 50.1 + shift, 60.2 + shift / 2)])
    }
    let svg = try #require(StudyScatter(title: "t", marks).svg)
    let boxes = Self.texts(svg).filter { names.contains($0.name) }.map { text in
      let width = 6.2 * Double(text.name.count)
      let left = text.x - (text.anchor == "start" ? 0 : text.anchor == "end" ? width : width / 2)
      return (left: left, right: left + width, top: text.y - 9, bottom: text.y + 2)
    }
    #expect(boxes.count == names.count)
    for (index, a) in boxes.enumerated() {
      #expect(a.left >= 60 && a.right <= 720 && a.top > 20 && a.bottom < 480)
      for b in boxes[..<index] {
        let areApart =
          a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top
        #expect(areApart, "\(a) \(b)")
      }
    }
  }

  @Test func whiskersAndMarks() throws {
    let svg = try #require(
      StudyScatter(
        title: "<x>",
        [
          .init(name: "a & b", runs: [(1, 40, 50), (2, 42, 54)]),
          .init(name: "c", runs: [(1, 45, 45)]),
        ]
      ).svg)
    #expect(svg.contains("&lt;x&gt;") && svg.contains("a &amp; b") && !svg.contains("a & b"))
    #expect(svg.contains("a &amp; b, seed 2: mean IoU 42.00 %, mean accuracy 54.00 %"))
    #expect(svg.components("r=\"2.6\"") == 3, "two runs of the first; the second is its own mean")
    #expect(svg.components("r=\"5.5\"") == 3)
    #expect(svg.components("stroke=\"#1f6fb4\"") == 3, "two whiskers")
    #expect(svg.components("stroke=\"#d9622b\"") == 1, "none for one run")
    #expect(StudyScatter(title: "", []).svg == nil)
  }
}

extension String {
  fileprivate func components(_ separator: String) -> Int {
    split(separator: separator, omittingEmptySubsequences: false).count
  }
}
