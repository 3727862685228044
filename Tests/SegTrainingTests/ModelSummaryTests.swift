import SegCore
import SegTestSupport
import SegTraining
import Testing

/// `model summary` adds up: rows, totals, and the auxiliary head apart.
@Suite struct ModelSummaryTests {
  private func summary(_ changes: String...) throws -> ModelSummary {
    let fixed = [
      "data.size=[480,480]", "model.output_stride=8", "training.batch_size=2",
    ]
    return try ModelSummary(
      RunConfig.load(
        bytes: Array(Example.least.utf8), name: "run.json", overrides: fixed + changes
      ).config)
  }

  private func integer(_ value: JSONValue?) throws -> Int {
    guard case .integer(let number)? = value else {
      throw Failure(.internal, "summary", "expected an integer, found \(String(describing: value))")
    }
    return number
  }

  @Test(arguments: ["deeplabv3", "deeplabv3plus", "fcn"]) func totals(_ name: String) throws {
    let golden: GoldenMultiplyAdds = try GoldenFile.load("multiply_adds")
    let expected = try #require(
      golden.networks.first {
        $0.architecture == name && $0.backbone == "resnet18" && $0.outputStride == 8
          && $0.height == 480
      })
    let plain = try summary("model.architecture=\(name)").json
    #expect(try integer(plain["parameters"]) == expected.parameters)
    #expect(try integer(plain["multiply_adds"]) == expected.multiplyAdds)
    #expect(plain["auxiliary"] == .null)

    let model = try summary("model.architecture=\(name)", "model.aux_head=true")
    let json = model.json
    let all = expected.parameters + expected.auxiliaryParameters
    #expect(try integer(json["parameters"]) == all)
    #expect(try integer(json["multiply_adds"]) == expected.multiplyAdds)
    #expect(try integer(json["auxiliary"]?["parameters"]) == expected.auxiliaryParameters)
    #expect(try integer(json["auxiliary"]?["multiply_adds"]) == expected.auxiliaryMultiplyAdds)
    guard case .array(let rows)? = json["layers"] else {
      Issue.record("no layers")
      return
    }
    #expect(try rows.reduce(0) { try $0 + integer($1["parameters"]) } == all)
    #expect(
      try rows.reduce(0) { try $0 + integer($1["multiply_adds"]) } == expected.multiplyAdds
        + expected.auxiliaryMultiplyAdds)
    #expect(model.text.contains("\(all) parameters, "))
    #expect(
      model.text.contains("the auxiliary head has \(expected.auxiliaryParameters) of these"))
  }

  @Test func averagedWeightsArePlanned() throws {
    let (plain, averaged) = (
      try summary().json["planned_bytes"],
      try summary("training.ema_decay=0.9").json["planned_bytes"]
    )
    let block = try integer(averaged?["averaged weights"])
    // Running statistics are averaged too.
    #expect(try integer(plain?["parameters"]) == block)
    #expect(try integer(averaged?["total"]) - integer(plain?["total"]) == block)
  }

  /// What scoring takes is part of the plan: less in windows, more in larger views, averages beside them.
  @Test func evaluationIsPlanned() throws {
    // Small crops, so that scoring whole pictures needs the most.
    let small = ["training.batch_size=2", "augment.crop_size=[64,64]", "data.size=[480,480]"]
    func plan(_ changes: String...) throws -> (summary: ModelSummary, bytes: [String: Int]) {
      let config = try RunConfig.load(
        bytes: Array(Example.least.utf8), name: "run.json",
        overrides: ["model.output_stride=16"] + small + changes
      ).config
      let summary = try ModelSummary(config)
      guard case .object(let items)? = summary.json["planned_bytes"] else { return (summary, [:]) }
      return (
        summary,
        try items.reduce(into: [:]) { $0[$1.key] = try integer($1.value) }
      )
    }
    // The data are not there: pictures are as large as data.size says.
    let whole = try plan("evaluation.score_size=input")
    let windows = try plan("evaluation.score_size=input", "evaluation.window=[128,160]")
    let views = try plan(
      "evaluation.score_size=input", "evaluation.scales=[0.5,1.5]", "evaluation.flip=true")
    #expect(whole.bytes["averages of views"] == nil)
    let classes = 11 * 4
    #expect(windows.bytes["averages of views"] == 2 * 480 * 480 * classes)
    #expect(
      views.bytes["averages of views"] == 2 * 480 * 480 * classes + 720 * 720 * 12)
    let activations = try [whole, windows, views].map { try #require($0.bytes["activations"]) }
    #expect(activations[1] < activations[0])
    #expect(activations[2] > activations[0])
    #expect(windows.summary.text.contains("evaluation of 480x480 pictures in 160x128 windows: "))
    #expect(
      views.summary.text.contains(
        "evaluation of 480x480 pictures at scales 0.5, 1.5, mirrored too: planned peak"))
  }
}
