import Foundation
import SegCore
import SegMetrics
import Testing

@Suite struct EvaluationSummaryTests {
  static let names = ["road", "traffic sign, \"small\"", "pole"]

  /// The scores of these four pixels were computed by hand and, for calibration, in numpy:
  /// road twice right, a sign taken for road, and one ignored. No pole.
  static func evaluation() throws -> Evaluation {
    var evaluation = Evaluation(classes: 3, ignoreIndex: 255)
    let logits: [Float] = [2, 0, 0, 3, 0, 0, 1, 0, 0, 0, 0, 9]
    let labels: [UInt8] = [0, 0, 1, 255]
    try evaluation.add(logits: logits.span, labels: labels.span)
    return evaluation
  }

  @Test func jsonKeys() throws {
    let json = EvaluationSummary(try Self.evaluation(), names: Self.names, loss: 1.5).json
    guard case .object(let pairs) = json else {
      Issue.record("not an object")
      return
    }
    #expect(
      pairs.map(\.key) == [
        "pixel_accuracy", "mean_accuracy", "mean_iou", "frequency_weighted_iou",
        "mean_precision", "macro_f1", "macro_f1_zero_filled", "classes_without_prediction",
        "classes_without_f1", "classes_scored", "classes_absent", "absent_class_rule",
        "calibration", "s_acc", "s_rec", "s_rec_rate", "loss", "cross_entropy", "pixels",
        "non_finite_pixels", "classes", "confusion",
      ])
    let sign: JSONValue = .string(Self.names[1])
    let expected: [(String, JSONValue)] = [
      ("pixel_accuracy", .number(2.0 / 3)), ("mean_accuracy", .number(0.5)),
      ("mean_iou", .number(1.0 / 3)), ("macro_f1", .null), ("macro_f1_zero_filled", .number(0.4)),
      ("classes_without_prediction", .array([sign])), ("classes_without_f1", .array([sign])),
      ("classes_scored", .integer(2)), ("classes_absent", .array([.string("pole")])),
      ("absent_class_rule", .string("gt_absent: skip")), ("loss", .number(1.5)),
      ("pixels", .integer(3)), ("non_finite_pixels", .integer(0)),
      (
        "confusion",
        .array(
          [[2, 0, 0], [1, 0, 0], [0, 0, 0]].map { .array($0.map { .integer($0) }) })
      ),
    ]
    for (key, value) in expected { #expect(json[key] == value, "\(key)") }
    guard case .array(let classes)? = json["classes"],
      case .array(let bins)? = json["calibration"]?["bins"]
    else {
      Issue.record("no classes or bins")
      return
    }
    #expect(classes.count == 3 && bins.count == 10)
    #expect(
      classes[1]
        == .fields([
          "index": .integer(1), "name": sign, "iou": .number(0), "recall": .number(0),
          "precision": .null, "f1": .null, "pixels": .integer(1), "predicted_pixels": .integer(0),
          "ece": classes[1]["ece"] ?? .null,
        ]))
    #expect(classes[2]["iou"] == .null && classes[2]["recall"] == .null)
  }

  @Test func theHarmonicScoresComeFromTheirParts() throws {
    let summary = EvaluationSummary(try Self.evaluation(), names: Self.names)
    let cal = try #require(summary.calibration)
    #expect(close(summary.accuracyScore, 2 * cal * (2.0 / 3) / (cal + 2.0 / 3), 1e-15))
    #expect(close(summary.recallScore, 2 * cal * 0.5 / (cal + 0.5), 1e-15))
    #expect(summary.json["s_rec"] == summary.recallScore.map { .number($0) })
    #expect(summary.json["loss"] == .null)
    for (key, value) in summary.scalars where summary.json[key] != nil {
      #expect(summary.json[key] == value)
    }
  }

  @Test func withoutAnyValidPixelEverythingIsNull() {
    let summary = EvaluationSummary(Evaluation(classes: 2, ignoreIndex: 255), names: ["a", "b"])
    for key in [
      "pixel_accuracy", "mean_accuracy", "mean_iou", "frequency_weighted_iou", "mean_precision",
      "macro_f1", "macro_f1_zero_filled", "s_acc", "s_rec", "cross_entropy",
    ] {
      #expect(summary.json[key] == .null, "\(key)")
    }
    #expect(summary.json["calibration"]?["cal"] == .null)
    #expect(!summary.json.pretty.contains("nan") && !summary.table().contains("nan"))
    #expect(
      summary.perClassCSV == """
        index,name,pixels,share,predicted_pixels,iou,recall,precision,f1,ece
        0,a,0,,0,,,,,
        1,b,0,,0,,,,,

        """)
  }

  @Test func csvQuotesNames() throws {
    let summary = EvaluationSummary(try Self.evaluation(), names: Self.names)
    #expect(
      summary.confusionCSV == """
        truth,road,"traffic sign, ""small""\",pole
        road,2,0,0
        "traffic sign, ""small""\",1,0,0
        pole,0,0,0

        """)
    #expect(
      summary.perClassCSV.contains(
        "\n1,\"traffic sign, \"\"small\"\"\",1,0.3333333333333333,0,0.0,0.0,,,"))
    let broken = EvaluationSummary(try Self.evaluation(), names: ["a\r\nb", "c\nd"])
    #expect(broken.confusionCSV.hasPrefix("truth,\"a\r\nb\",\"c\nd\",class 2\n"))
  }

  @Test func reliabilityRows() throws {
    let lines = EvaluationSummary(try Self.evaluation(), names: Self.names).reliabilityCSV
      .split(separator: "\n")
    #expect(lines[0] == "bin,lower,upper,count,mean_confidence,accuracy,histogram")
    #expect(lines.count == 1 + 10 * (2 + 3))
    #expect(lines[41].hasSuffix(",class:pole"))
    #expect(lines[1].hasPrefix("0,0.0,0.1,2,0.0") && lines[1].hasSuffix(",0.0,pooled"))
    #expect(lines[4] == "3,0.3,0.4,0,,,pooled")
    #expect(lines[16].hasPrefix("5,0.5,0.6,1,0.576") && lines[16].hasSuffix(",0.0,top1"))
  }

  @Test func table() throws {
    let summary = EvaluationSummary(try Self.evaluation(), names: ["road", "sign", "pole"])
    #expect(
      summary.table() == """
        class  pixels  share    IoU  recall  precision     F1
        -----------------------------------------------------
        road        2  66.67  66.67  100.00      66.67  80.00
        sign        1  33.33   0.00    0.00          –      –
        pole        0   0.00      –       –          –      –
        -----------------------------------------------------
        mean        3         33.33   50.00      66.67      –

        pixel accuracy        66.67    calibration      0.4722
        mean accuracy         50.00    ECE (10 bins)    0.2932
        mean IoU              33.33    class-wise ECE   0.2426
        freq. weighted IoU    44.44    S_acc            0.5528
        cross entropy        0.6286    S_rec            0.4857
        Brier score          0.3594    loss                  –
        2 of 3 classes scored (gt_absent: skip); without true pixels: pole
        macro F1 undefined, zero-filled 40.00; no true positive: sign
        never predicted: sign

        """)
    #expect(summary.table(color: true).contains("\u{1B}[33msign "))
    #expect(!summary.table().contains("\u{1B}"))
  }

  @Test(arguments: [20, 60, 70, 200]) func longNamesGiveWay(width: Int) throws {
    let long = String(repeating: "Straßenbeleuchtung ", count: 4)
    let summary = EvaluationSummary(try Self.evaluation(), names: [long, "b\u{1B}[2Jc\nd", "c"])
    let lines = summary.table(width: width).split(separator: "\n").prefix(7)
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(lines[0].count <= max(width, 58))
    #expect(!summary.table(width: width).contains("\u{1B}"))
  }
}
