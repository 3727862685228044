import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunReportTests {
  private static let nasty = "<script>alert('x')</script> & \"road\"\u{1}"

  private static func makeRun(_ folder: TemporaryFolder, steps: Int) throws -> RunDirectory {
    let run = try RunDirectory.create(folder["run <b>"])
    try run.write(
      RunDirectory.configName, JSONValue.fields(["name": .string(nasty)]).pretty)
    let log = try MetricsLog(run)
    for step in 1...steps {
      let loss = 2 / Double(step).squareRoot()
      try log.append(
        .fields([
          "event": "train".json, "step": .integer(step), "loss": .number(loss),
          "terms": .fields(["recall": .number(loss / 2), nasty: .number(loss / 2)]),
          "lr": .number(1e-3 * (1 - Double(step) / 10_000)),
        ]))
      if step % 100 == 0 {
        try log.append(
          .fields([
            "event": "eval".json, "step": .integer(step), "split": "val".json,
            "mean_iou": .number(0.5 - 0.4 / Double(step / 100)), "mean_accuracy": .number(.nan),
            "pixel_accuracy": .integer(1),
          ]))
      }
    }
    for (name, iou) in [("val@100", 0.25), ("val@300", 0.75), ("test@200", 0.5), ("odd", 0.1)] {
      let evaluation = FilePath.join(run.evaluations, name)
      try FileSystem.standard.makeDirectories(evaluation)
      let score = JSONValue.number(iou)
      let row = JSONValue.fields([
        "index": .integer(0), "name": nasty.json, "iou": score, "recall": score, "precision": .null,
        "f1": score, "pixels": .integer(1_234_567),
      ])
      let summary = JSONValue.fields([
        "mean_iou": score, "macro_f1": .null, "classes": .array([row, row]),
        "confusion": .array([
          .array([.integer(75), .integer(25)]), .array([.integer(0), .integer(0)]),
        ]),
      ])
      try AtomicFile.write(summary.pretty, to: FilePath.join(evaluation, "summary.json"))
    }
    return run
  }

  @Test func wholeRun() throws {
    let folder = try TemporaryFolder()
    let run = try Self.makeRun(folder, steps: 1000)
    try RunReport.write(run)
    let text = try InputFile.text(of: run.report)
    #expect(text.hasPrefix("<!DOCTYPE html>"))
    #expect(text.hasSuffix("</body></html>\n"))
    for part in [
      "<h2>Loss</h2>", "<h2>Scores</h2>", "<h2>Learning rate</h2>", "<h2>Classes</h2>",
      "<h2>Confusion matrix</h2>", "Evaluation val@300", "<b>75.0</b><span>mean IoU, %</span>",
      "<b>–</b><span>macro F1, %</span>", "1\u{202F}234\u{202F}567", "run &lt;b&gt;",
      "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;road&quot;\u{FFFD}",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(text.components("<svg").count == 5)
    // Nothing from outside, nothing that runs, nothing unfinished.
    for part in ["<script", "http", "url(", "nan", "inf", "src=", "href="] {
      #expect(!text.lowercased().contains(part), "\(part)")
    }
    #expect(text.utf8.count < 120_000, "curves are thinned")
    #expect(try RunReport.html(of: run.path) == text, "the same run gives the same bytes")
    try Self.checkTags(text)
  }

  /// Every tag that is opened is closed, in order.
  private static func checkTags(_ text: String) throws {
    var open: [Substring] = []
    for piece in text.split(separator: "<").dropFirst() {
      let tag = try #require(piece.split(separator: ">", omittingEmptySubsequences: false).first)
      let name = tag.prefix { $0 != " " && $0 != "\n" }
      if name == "!DOCTYPE" || name == "meta" || tag.hasSuffix("/") { continue }
      if name.hasPrefix("/") {
        #expect(open.popLast() == name.dropFirst())
      } else {
        open.append(name)
      }
    }
    #expect(open == [])
  }

  @Test(arguments: ["", "{\"event\":\"train\",\"step\":1,\"loss\":0}\n{\"torn"])
  func youngRun(metrics: String) throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    if !metrics.isEmpty { try AtomicFile.write(metrics, to: run.metrics) }
    let text = try RunReport.html(of: run.path)
    #expect(text.contains("<svg") == !metrics.isEmpty)
    try Self.checkTags(text)
  }

  /// Constant, tiny, huge and single values give axes, not crashes.
  @Test(arguments: [
    [0.0, 0], [1e-300, 1e-300], [-1e300, 1e300], [5], [1e-9, 2e-9], [1e20, 1e20], [-3, -3, 7],
  ])
  func oddValues(values: [Double]) throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let log = try MetricsLog(run)
    for (index, value) in values.enumerated() {
      try log.append(
        .fields(["event": "train".json, "step": .integer(index + 1), "loss": .number(value)]))
    }
    let text = try RunReport.html(of: run.path)
    #expect(text.contains("<svg"))
    #expect(!text.contains("nan") && !text.contains("inf"))
  }

  @Test func damagedSummary() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let evaluation = run.evaluation(split: "val", step: 5)
    try FileSystem.standard.makeDirectories(evaluation)
    try AtomicFile.write("{", to: FilePath.join(evaluation, "summary.json"))
    let error = failure { () throws(Failure) in _ = try RunReport.html(of: run.path) }
    #expect(error.status == .badData)
    #expect(error.place.hasSuffix("eval/val@5/summary.json:1:2"))
  }
}

extension String {
  fileprivate var json: JSONValue { .string(self) }

  fileprivate func components(_ separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
