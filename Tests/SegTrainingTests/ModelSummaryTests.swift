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
}
