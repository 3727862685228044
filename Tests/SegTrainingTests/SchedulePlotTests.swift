import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct SchedulePlotTests {
  private static func document(_ more: String...) throws -> String {
    let loaded = try RunConfig.load(
      bytes: Array(Example.least.utf8), name: "plot<&>.json",
      overrides: [#"loss.terms=[{"type": "recall"}, {"type": "cross_entropy"}]"#] + more)
    return try SchedulePlot.document(loaded.config)
  }

  /// The vertical places of the polyline of one colour, in the order drawn.
  private static func heights(_ document: String, colour: String) throws -> [Double] {
    let line = try #require(
      document.split(separator: "\n").first {
        $0.contains("fill=\"none\" stroke=\"\(colour)\"")
      })
    let path = line.split(separator: "\"")[1].dropFirst()
    return path.split(separator: "L").compactMap { Double($0.split(separator: " ")[1]) }
  }

  @Test func drawsBothTermsAndTheRate() throws {
    let document = try Self.document(
      #"loss.schedule={"type": "alternating"}"#, #"lr_schedule={"type": "poly"}"#,
      "training.iterations=100")
    #expect(document.hasPrefix("<svg xmlns="))
    #expect(document.hasSuffix("</svg>\n"))
    for part in ["100 steps", ">recall<", ">cross_entropy<", "(alternating)", "(poly)"] {
      #expect(document.contains(part), "\(part)")
    }
    let (first, second) = (
      try Self.heights(document, colour: "#1f6fb4"), try Self.heights(document, colour: "#d9622b")
    )
    #expect(first.count == 100 && second.count == 100)
    // Upside down: where the first term is drawn lowest, the second is highest.
    let (top, bottom) = (first.min() ?? 0, first.max() ?? 0)
    #expect(first[0] == bottom && second[0] == top)
    #expect(first[50] == top && second[50] == bottom)
    #expect(first[99] == bottom && second[99] == top)
    // Iteration 60: t = 0.0761204675.
    #expect(abs((bottom - second[60]) / (bottom - top) - 0.0761204675) < 1e-3)
  }

  @Test func withoutScheduleLinesAreFlat() throws {
    let document = try Self.document()
    for colour in ["#1f6fb4", "#d9622b"] {
      let heights = try Self.heights(document, colour: colour)
      #expect(heights.count == 400 && Set(heights).count == 1)
    }
  }

  @Test func aRunOfOneStep() throws {
    #expect(try Self.document("training.iterations=1").contains("1 steps"))
  }
}
