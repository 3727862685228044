import Foundation
import FoundationXML
import SegMetrics
import Testing

/// Reads an SVG as XML, counting elements and collecting text.
private final class Reader: NSObject, XMLParserDelegate {
  var counts: [String: Int] = [:]
  var texts: [String] = []
  var numbers: [String] = []
  private var text = ""

  func parser(
    _: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    counts[name, default: 0] += 1
    text = ""
    for key in ["x", "y", "width", "height", "x1", "x2", "y1", "y2"] {
      if let value = attributes[key] { numbers.append(value) }
    }
  }

  func parser(_: XMLParser, foundCharacters characters: String) { text += characters }

  func parser(
    _: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "text" || name == "title" { texts.append(text) }
    text = ""
  }

  static func read(_ svg: String) throws -> Reader {
    let reader = Reader()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = reader
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(reader.numbers.allSatisfy { Double($0)?.isFinite == true })
    return reader
  }
}

@Suite struct PlotTests {
  let names = ["road & <kerb>", "\"sign\"\u{1}", "pole"]
  let matrix = ConfusionMatrix(rows: [[90, 10, 0], [3, 1, 0], [0, 0, 0]])

  @Test func confusion() throws {
    let reader = try Reader.read(matrix.confusionPlot(names: names, title: "a < b"))
    // The background, four cells that are not empty, one grey row.
    #expect(reader.counts["rect"] == 6)
    #expect(reader.texts.contains("a < b"))
    #expect(reader.texts.contains("road & <kerb>"))
    #expect(reader.texts.contains("\"sign\" "))
    #expect(reader.texts.contains("\"sign\"  taken for road & <kerb>: 3 pixels, 75.00 %"))
    #expect(reader.texts.contains("pole: no true pixels"))
    #expect(reader.texts.contains("90") && reader.texts.contains("25"))
  }

  @Test func classBars() throws {
    let reader = try Reader.read(matrix.scores().classBarsPlot(names: ["road"], title: "val"))
    // The background, three keys, and the bars of two classes; the third has no defined score.
    #expect(reader.counts["rect"] == 1 + 3 + 6)
    #expect(reader.texts.contains("class 2"))
    #expect(reader.texts.contains("road: recall 90.00 %"))
    #expect(reader.texts.filter { $0 == "–" }.count == 3)
  }

  @Test func reliability() throws {
    var histogram = CalibrationHistogram()
    for hit in [true, true, false, true] { histogram.add(probability: 0.95, hit: hit) }
    let reader = try Reader.read(histogram.reliabilityPlot(title: "cal"))
    #expect(reader.counts["rect"] == 1 + 3)
    #expect(
      reader.texts.contains(
        "0.9 to 1.0: 4 samples, mean confidence 0.9500, came true 0.7500"))
  }

  @Test func nothingToShow() throws {
    _ = try Reader.read(CalibrationHistogram().reliabilityPlot(title: ""))
    _ = try Reader.read(ConfusionMatrix(classes: 1).confusionPlot(names: [], title: ""))
    _ = try Reader.read(ConfusionMatrix(classes: 1).scores().classBarsPlot(names: [], title: ""))
  }

  @Test func aLargeMatrixStaysSmall() throws {
    let rows = (0..<150).map { i in (0..<150).map { Int64($0 == i ? 5 : ($0 == i + 1 ? 1 : 0)) } }
    let svg = ConfusionMatrix(rows: rows).confusionPlot(names: [], title: "150 classes")
    #expect(try Reader.read(svg).counts["rect"] == 1 + 150 + 149)
    #expect(svg.utf8.count < 150_000)
  }
}
