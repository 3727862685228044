import SegCore
import SegLosses
import SegTraining
import Testing

@Suite struct LossReportTests {
  /// Every loss explains every reading, with an example that was computed.
  @Test(arguments: lossKinds.map(\.name)) func everyLoss(_ name: String) throws {
    let report = try LossReport(name)
    guard case .array(let readings)? = report.json["readings"] else {
      Issue.record("no readings")
      return
    }
    #expect(!readings.isEmpty)
    for reading in readings {
      guard case .string(let variant)? = reading["variant"] else {
        Issue.record("no variant")
        continue
      }
      for key in ["equation", "reduction", "ignored", "absent", "source"] {
        guard case .string(let text)? = reading[key], !text.isEmpty else {
          Issue.record("\(variant) says no \(key)")
          continue
        }
      }
      #expect(report.text.contains("variant \(variant): "))
      #expect(try LossReport(name, variant: variant).json["readings"] == .array([reading]))
    }
    guard case .array(let options)? = report.json["options"] else {
      Issue.record("no options")
      return
    }
    #expect(options.contains { $0["key"] == .string("variant") })
    for line in report.text.split(separator: "\n") {
      #expect(line.count <= 120 && !line.hasSuffix(" "), "\(line)")
    }
  }

  /// By hand: exp(2) / (exp(2) + 2) and so on; the third pixel is right, the second is wrong.
  @Test func crossEntropyByHand() throws {
    let words = try LossReport("cross_entropy").text.split { $0 == " " || $0 == "\n" }
    let text = words.joined(separator: " ")
    for part in [
      "range: [0, ∞)", "class_weights: taken",
      "0 0 2.0 0.0 0.0 0.786986 0.106507 0.106507 0.239545 -0.071005 0.035502 0.035502",
      "1 2 0.0 1.0 0.0 0.211942 0.576117 0.211942 1.551445 0.070647 0.192039 -0.262686",
      "3 ignored 0.0 0.0 1.0 0.211942 0.211942 0.576117 0.000000 0.000000 0.000000",
      "L = 0.8237", "variant: \"paper\", default \"paper\"",
    ] { #expect(text.contains(part), "\(part) in\n\(text)") }
  }

  @Test func whatDoesNotExist() {
    let loss = #expect(throws: Failure.self) { try LossReport("recal") }
    #expect(loss?.status == .usage)
    #expect(loss?.hint == "did you mean recall?")
    let variant = #expect(throws: Failure.self) { try LossReport("recall", variant: "mine") }
    #expect(variant?.problem == "expected paper or recall_code, found mine")
  }

  @Test func list() throws {
    let text = try LossReport.listText()
    for kind in lossKinds { #expect(text.contains("\n\(kind.name) ")) }
    #expect(text.contains("paper, recall_code"))
  }
}
