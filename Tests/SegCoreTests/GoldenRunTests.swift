import SegCore
import SegTestSupport
import Testing

/// Goldens must decode, and say the same thing throughout.
@Suite struct GoldenRunTests {
  static let names = [
    "deeplabv3_os16_cross_entropy", "deeplabv3_os16_recall_paper", "deeplabv3_os16_recall_code",
    "deeplabv3_os16_plain_cross_entropy", "deeplabv3_os16_plain_recall_paper",
    "deeplabv3_os8_cross_entropy", "deeplabv3_os8_recall_paper", "deeplabv3_os16_aux_cross_entropy",
    "fcn_os8_cross_entropy", "fcn_os8_recall_paper", "fcn_os16_aux_cross_entropy",
    "deeplabv3_os16_odd_cross_entropy", "deeplabv3_os16_wide_cross_entropy",
    "deeplabv3_os8_wide_cross_entropy", "deeplabv3_os16_head_only_cross_entropy",
    "deeplabv3_os16_head_only_recall_paper",
  ]

  @Test(arguments: names) func decodes(_ name: String) throws {
    let run: GoldenRun = try GoldenFile.load("run_" + name)
    #expect("\(run.name)_\(run.loss)" == name)
    for losses in [run.losses.float64, run.losses.float32, run.losses.float32ChannelsLast] {
      #expect(losses.count == run.input.steps)
    }
    #expect(run.input.ignoredPixels.count == run.input.steps)
    #expect(run.margins.count == run.input.steps)
    if run.loss != "cross_entropy" { #expect(run.margins.allSatisfy { $0 >= 1e-3 }) }
    for gradient in run.firstStep.gradients {
      let count = gradient.shape.reduce(1, *)
      #expect(gradient.maxPosition < count && abs(gradient.maxValue) == gradient.maxAbs)
      #expect(gradient.samples.allSatisfy { abs($0) <= gradient.maxAbs })
      #expect(gradient.projections.count == 8)
    }
  }

  @Test func countsOfTheFirstStep() throws {
    let run: GoldenRun = try GoldenFile.load("run_deeplabv3_os16_recall_paper")
    let batch = run.batch(0)
    var counts = [Int](repeating: 0, count: 256)
    for label in batch.labels { counts[Int(label)] += 1 }
    #expect(Array(counts[..<run.network.classes]) == run.firstStep.classPixels)
  }

  @Test func missingFile() {
    let error = #expect(throws: Failure.self) {
      try GoldenFile.load("absent", as: GoldenRun.self)
    }
    #expect(error?.status == .inputMissing && error?.place.hasSuffix("absent.json") == true)
  }
}

@Suite struct GoldenLayersTests {
  @Test(arguments: [
    "conv2d", "batch_norm", "pooling", "interpolate", "losses", "optimizers", "schedules",
  ])
  func decodes(_ file: String) throws {
    let cases = try GoldenLayers.cases(file)
    #expect(Set(cases.map(\.name)).count == cases.count)
    for item in cases {
      #expect(!item.outputs.isEmpty, "\(item)")
      for tensor in [item.inputs, item.outputs, item.gradients].flatMap(\.values) {
        #expect(tensor.values.count == tensor.shape.reduce(1, *), "\(item)")
      }
      for (name, gradient) in item.gradients {
        #expect(gradient.shape == item.inputs[name]?.shape, "\(item)")
      }
    }
  }

  @Test func namesAndTotals() throws {
    let golden: GoldenNames = try GoldenFile.load("state_dict_names")
    #expect(golden.networks.count == 6)
    for network in golden.networks {
      for totals in network.totals {
        let counts = network.entries.map { entry in
          entry.shape.reduce(1) { $0 * ($1 == -1 ? totals.classes : $1) }
        }
        let trainable = zip(network.entries, counts).filter(\.0.trainable).map(\.1)
        #expect(network.entries.count == totals.entries)
        #expect(counts.reduce(0, +) == totals.stateElements)
        #expect(trainable.reduce(0, +) == totals.parameters)
      }
    }
  }

  @Test func initialisation() throws {
    let golden: GoldenInitialisation = try GoldenFile.load("initialisation")
    for network in golden.networks {
      for entry in network.entries where entry.rule != "constant" {
        let gain = entry.rule == "normal" ? 2.0 : 1.0
        let expected = (gain / Double(entry.fan)).squareRoot()
        #expect(abs(entry.parameter / expected - 1) < 1e-12, "\(entry.name)")
      }
    }
  }
}
