import SegCore
import SegEngine
import SegLosses
import SegModels
import SegTestSupport
import SegTraining
import Testing

@Suite struct ClassTraceTrainingTests {
  /// Two classes of 3 and 1 pixels, a third the batch does not show.
  @Test func shares() {
    let traces = ClassTraces(
      sums: [3, 2, 1.5, 0.9, 1, 0, 0.2, 0.6, 0, 0, 0, 0], mass: [1, 2, 0, 1])
    let (a, b, c) = (traces.rows[0], traces.rows[1], traces.rows[2])
    func near(_ value: Double?, _ expected: Double) -> Bool {
      abs((value ?? .nan) - expected) < 1e-12
    }
    #expect(a.pixels == 3 && b.pixels == 1 && c.pixels == 0)
    #expect(near(a.recall, 2.0 / 3) && near(b.recall, 0) && c.recall == nil)
    #expect(near(a.confidence, 0.5) && near(a.focalWeight, 0.3) && near(b.focalWeight, 0.6))
    #expect(near(a.recallWeight, 1.0 / 3) && near(b.recallWeight, 1))
    #expect(near(a.focalShare, 1.0 / 3) && near(b.focalShare, 2.0 / 3) && c.focalShare == nil)
    #expect(near(a.recallShare, 0.25) && near(b.recallShare, 0.75))
    #expect(near(a.ratio, 0.75) && near(b.ratio, 1.125) && c.ratio == nil)
    // A quarter goes to pixels that do not count.
    #expect(near(a.gradientShare, 0.25) && near(b.gradientShare, 0.5) && c.gradientShare == 0)
    let none = ClassTraces(sums: [Double](repeating: 0, count: 8), mass: [0, 0, 0])
    #expect(none.rows.allSatisfy { $0.recall == nil && $0.gradientShare == nil && $0.ratio == nil })
  }

  private static func tracePlan(
    _ training: SmallTraining, _ loss: any SegmentationLoss, engine: EngineConfig = EngineConfig()
  ) throws -> TracePlan {
    let builder = LossBuilder(
      LossConfig(terms: [LossTermConfig(loss)]), auxiliaryWeight: 0.5,
      classes: GoldenFormula.classes, ignoreIndex: GoldenFormula.ignoreIndex, classWeights: [nil])
    return try TracePlan(
      training.network, loss: builder, batch: SmallTraining.batch, height: SmallTraining.height,
      width: SmallTraining.width, fixedStatistics: [], ignoreIndex: GoldenFormula.ignoreIndex,
      gamma: 1, engine: engine)
  }

  private static func look(
    _ plan: TracePlan, _ executor: Executor, like training: SmallTraining, step: Int
  ) -> (sums: [Double], mass: [Double]) {
    let image = Array(training.executor.input("image"))
    let labels = Array(training.executor.input("labels", as: UInt8.self))
    _ = executor.input("image").update(fromContentsOf: image)
    _ = executor.input("labels", as: UInt8.self).update(fromContentsOf: labels)
    var context = StepContext()
    context.seed = 5
    context.step = UInt64(step)
    executor.run(context)
    return (
      Array(executor.contents(of: plan.sums, as: Double.self)),
      Array(executor.contents(of: plan.mass, as: Double.self))
    )
  }

  /// Weights, running statistics and gradients, bit by bit, over three steps with dropout and an auxiliary head.
  @Test(arguments: [true, false])
  func looksChangeNothing(fusion: Bool) throws {
    let engine = EngineConfig(fusion: fusion)
    let loss = RecallLoss()
    let plain = try SmallTraining(loss, engine: engine)
    let watched = try SmallTraining(loss, engine: engine)
    let plan = try Self.tracePlan(watched, loss, engine: engine)
    let executor = try Executor(plan.plan, store: watched.store, pool: ThreadPool(threads: 2))
    for step in 0..<3 {
      plain.run(step)
      watched.run(step)
      _ = Self.look(plan, executor, like: watched, step: step)
      plain.update(step)
      watched.update(step)
      let difference = watched.difference(from: plain)
      #expect(difference == nil, "step \(step)")
    }
  }

  /// What is seen is the step itself: from p of the true class follow the loss's bounds, and from the recall its weights.
  @Test func seesTheStep() throws {
    let loss = CrossEntropy()
    let training = try SmallTraining(loss)
    let plan = try Self.tracePlan(training, loss)
    let executor = try Executor(plan.plan, store: training.store, pool: ThreadPool(threads: 2))
    training.run(0)
    let first = Self.look(plan, executor, like: training, step: 0)
    let again = Self.look(plan, executor, like: training, step: 0)
    #expect(first.sums == again.sums && first.mass == again.mass)
    let labels = Array(training.executor.input("labels", as: UInt8.self))
    var valid = 0.0
    for index in 0..<GoldenFormula.classes {
      let pixels = Double(labels.count { Int($0) == index })
      valid += pixels
      #expect(first.sums[4 * index] == pixels)
      // With gamma 1 the focal weight is 1 - p.
      #expect(
        abs(first.sums[4 * index + 2] + first.sums[4 * index + 3] - pixels) < 1e-4 * pixels + 1e-9)
      // Each pixel's gradient of cross entropy is (softmax - onehot) / pixels, of mass 2 (1 - p) / pixels.
    }
    for index in 0..<GoldenFormula.classes {
      let expected = 2 * first.sums[4 * index + 3] / valid
      #expect(abs(first.mass[index] - expected) < 1e-5 * expected + 1e-12)
    }
    #expect(first.mass[GoldenFormula.classes] == 0, "ignored pixels get no gradient")
  }

  @Test func file() throws {
    let folder = try TemporaryFolder()
    let traces = ClassTraces(sums: [4, 1, 2, 2, 0, 0, 0, 0], mass: [3, 0, 1])
    let run = try RunDirectory.create(folder["run"])
    let log = try TraceLog(run, classes: ["a \"b\", c", "d"])
    for step in 1...3 { try log.append(step: step, traces) }
    let text = try InputFile.text(of: run.traces)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0]
        == "step,index,pixels,recall,confidence,focal_weight,recall_weight,focal_share,recall_share,ratio,gradient_share,class"
    )
    #expect(lines[1] == "1,0,4,0.25,0.5,0.5,0.75,1.0,1.0,1.0,0.75,\"a \"\"b\"\", c\"")
    #expect(lines[2] == "1,1,0,,,,,,,,0.0,d")
    #expect(lines.count == 8 && lines[7] == "")

    // Torn in the middle of step 3 and gone on with after step 1: nothing twice, nothing missing.
    try AtomicFile.write(String(text.dropLast(9)), to: run.traces)
    let resumed = try TraceLog(run, classes: ["a \"b\", c", "d"], resumingAfter: 1)
    for step in 2...3 { try resumed.append(step: step, traces) }
    #expect(try InputFile.text(of: run.traces) == text)
    let begun = try TraceLog(run, classes: ["a \"b\", c", "d"], resumingAfter: -1)
    for step in 1...3 { try begun.append(step: step, traces) }
    #expect(try InputFile.text(of: run.traces) == text)

    try RunReport.write(run)
    let svg = try InputFile.text(of: FilePath.join(run.path, "traces.svg"))
    let html = try InputFile.text(of: run.report)
    for part in [
      "Share of the gradient", "a &quot;b&quot;, c", "Recall weight, share over classes",
    ] {
      #expect(svg.contains(part), "\(part)")
      #expect(html.contains(part), "\(part)")
    }
    #expect(svg.split(separator: "<svg ").count == 7 && svg.split(separator: "</svg>").count == 8)
  }
}
