import FoundationEssentials
import SegCore
import SegEngine
import SegLosses
import Testing

@Suite struct LossScheduleTests {
  /// Values of t in a run of 100 iterations, recomputed in float64 from the published code.
  struct Row: Sendable {
    let iteration: Int
    let naive, alternating: Double

    init(_ iteration: Int, _ naive: Double, _ alternating: Double) {
      self.iteration = iteration
      self.naive = naive
      self.alternating = alternating
    }
  }

  static let table = [
    Row(0, 0, 1), Row(15, 0, 0.7), Row(30, 0, 0.4), Row(45, 0.25, 0.1),
    Row(50, 0.3333333333, 0), Row(60, 0.5, 0.0761204675), Row(70, 0.6666666667, 0.2928932188),
    Row(80, 0.8333333333, 0.6173165676), Row(90, 1, 1), Row(99, 1, 1), Row(100, 1, 1),
  ]

  @Test(arguments: table) func followsThePublishedCode(_ row: Row) {
    let time = TrainingTime(iteration: row.iteration, of: 100)
    #expect(abs(NaiveSchedule().share(at: time) - row.naive) < 1e-10)
    #expect(abs(AlternatingSchedule().share(at: time) - row.alternating) < 1e-10)
  }

  /// Turning points are not rounded to iterations: 0.3 · 7 = 2.1 and 0.9 · 7 = 6.3.
  @Test func turnsBetweenIterations() {
    let shares = (0..<7).map { NaiveSchedule().share(at: TrainingTime(iteration: $0, of: 7)) }
    let expected = [0, 0, 0, 0.9 / 4.2, 1.9 / 4.2, 2.9 / 4.2, 3.9 / 4.2]
    for (share, value) in zip(shares, expected) { #expect(abs(share - value) < 1e-12) }
  }

  @Test(arguments: [1, 2, 3, 10, 3660, 21240])
  func staysBetweenZeroAndOne(_ iterations: Int) {
    let schedules: [any LossSchedule] = [
      NaiveSchedule(), NaiveSchedule(start: 0, end: 1), AlternatingSchedule(),
      AlternatingSchedule(start: 1e-6, end: 1), AlternatingSchedule(start: 0.1, end: 0.2),
    ]
    for schedule in schedules {
      for iteration in 0...iterations {
        let share = schedule.share(at: TrainingTime(iteration: iteration, of: iterations))
        #expect((0...1).contains(share), "\(schedule), iteration \(iteration)")
      }
      #expect(schedule.share(at: TrainingTime(iteration: iterations, of: iterations)) == 1)
    }
  }

  // MARK: Terms and groups

  @Test func theSecondOfTwoTermsIsRampedIn() {
    let loss = LossConfig(
      terms: [
        LossTermConfig(RecallLoss(), weight: 2), LossTermConfig(CrossEntropy(), weight: 0.5),
      ],
      schedule: NaiveSchedule())
    let time = TrainingTime(iteration: 45, of: 100)
    #expect(abs(loss.weight(of: 0, at: time) - 1.5) < 1e-15)
    #expect(abs(loss.weight(of: 1, at: time) - 0.125) < 1e-15)
  }

  @Test func groupsAreSums() {
    let loss = LossConfig(
      terms: [
        LossTermConfig(CrossEntropy(), group: .second), LossTermConfig(RecallLoss(), group: .first),
        LossTermConfig(CrossEntropy(), weight: 3, group: .second),
      ], schedule: AlternatingSchedule())
    let time = TrainingTime(iteration: 30, of: 100)
    let weights = (0..<3).map { loss.weight(of: $0, at: time) }
    for (weight, expected) in zip(weights, [0.4, 0.6, 1.2]) {
      #expect(abs(weight - expected) < 1e-15)
    }
    #expect(loss.termNames == ["cross_entropy", "recall", "cross_entropy_2"])
  }

  @Test func withoutScheduleWeightsStay() {
    let loss = LossConfig(terms: [LossTermConfig(RecallLoss(), weight: 0.3)])
    #expect(loss.weight(of: 0, at: TrainingTime(iteration: 7, of: 9)) == 0.3)
  }

  @Test func tableHasEveryFile() throws {
    #expect(lossSchedules.map(\.name) == ["naive", "alternating"])
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = package.appending(path: "Sources/SegLosses/Schedules").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
      try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8).contains(": LossSchedule {")
    }
    #expect(files.count == lossSchedules.count, "files with a schedule: \(files.sorted())")
  }
}
