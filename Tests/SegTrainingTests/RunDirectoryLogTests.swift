import SegCore
import SegTestSupport
import SegTraining
import Testing

@Suite struct RunDirectoryLogTests {
  private static let clock = RunClock { 1_767_225_599.75 }

  private static func event(_ step: Int, _ name: String = "train") -> JSONValue {
    .fields(["event": .string(name), "step": .integer(step), "loss": .float(0.1)])
  }

  @Test func metricsLines() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let log = try MetricsLog(run)
    try log.append(Self.event(1))
    // On disk without the log being closed.
    #expect(
      try InputFile.text(of: run.metrics) == "{\"event\":\"train\", \"step\":1, \"loss\":0.1}\n")
    try log.append(.fields(["text": .string("two\nlines"), "loss": .number(.nan)]))
    try log.synchronize()
    let lines = try InputFile.text(of: run.metrics).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[1] == "{\"text\":\"two\\nlines\", \"loss\":null}")
  }

  /// Interrupted after any number of bytes and resumed, the file is that of the whole run.
  @Test func metricsResumed() throws {
    let folder = try TemporaryFolder()
    func write(_ run: RunDirectory, _ steps: ClosedRange<Int>, resuming: Int?) throws {
      let log = try MetricsLog(run, resumingAfter: resuming)
      for step in steps {
        try log.append(Self.event(step))
        if step % 2 == 0 { try log.append(Self.event(step, "eval")) }
      }
    }
    let whole = try RunDirectory.create(folder["whole"])
    try write(whole, 1...6, resuming: nil)
    let expected = try InputFile.contents(of: whole.metrics)
    let lines = expected.split(separator: UInt8(ascii: "\n"))
    let untilStep4 = lines.prefix(6).reduce(0) { $0 + $1.count + 1 }
    let run = try RunDirectory.create(folder["run"])
    for cut in untilStep4...expected.count {
      try AtomicFile.write(Array(expected[..<cut]), to: run.metrics)
      try write(run, 5...6, resuming: 4)
      #expect(try InputFile.contents(of: run.metrics) == expected, "cut at \(cut)")
    }
    try AtomicFile.write(expected, to: run.metrics)
    try write(run, 1...6, resuming: 0)
    #expect(try InputFile.contents(of: run.metrics) == expected)
    try FileSystem.standard.removeFile(run.metrics)
    try write(run, 1...6, resuming: 0)
    #expect(try InputFile.contents(of: run.metrics) == expected, "no file to cut")
  }

  @Test func metricsLinesWithoutStepOrSense() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    try AtomicFile.write(
      """
      {"event":"start"}
      {"step":1}
      {"step":1,
      \u{0}\u{0}\u{0}
      {"event":"note"}
      {"step":3}
      {"event":"note of step 3"}
      {"step":2}
      {"step":"2"}

      """, to: run.metrics)
    _ = try MetricsLog(run, resumingAfter: 2)
    #expect(
      try InputFile.text(of: run.metrics)
        == "{\"event\":\"start\"}\n{\"step\":1}\n{\"event\":\"note\"}\n{\"step\":2}\n{\"step\":\"2\"}\n"
    )
  }

  @Test func logLines() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let log = try RunLog(run, clock: Self.clock)
    try log.write("model")
    try log.write("validation\nroad 0.9", step: 500)
    #expect(
      try InputFile.text(of: run.log) == """
        2025-12-31T23:59:59Z [-] model
        2025-12-31T23:59:59Z [step 500] validation
            road 0.9

        """)
  }

  @Test func logResumed() throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    let before: [(String, Int?)] = [
      ("model", nil), ("one\n[step 9] table", 1), ("note", nil), ("two", 2), ("note of two", nil),
    ]
    let after: [(String, Int?)] = [("three\ntable", 3), ("stopped", nil)]
    var log = try RunLog(run, clock: Self.clock)
    for (text, step) in before { try log.write(text, step: step) }
    let kept = try InputFile.text(of: run.log)
    for (text, step) in after { try log.write(text, step: step) }
    let all = try InputFile.contents(of: run.log)
    for cut in kept.utf8.count...all.count {
      try AtomicFile.write(Array(all[..<cut]), to: run.log)
      log = try RunLog(run, resumingAfter: 2, clock: Self.clock)
      #expect(try InputFile.text(of: run.log) == kept, "cut at \(cut)")
    }
    try log.write("resumed", step: 2)
    #expect(try InputFile.text(of: run.log) == kept + "2025-12-31T23:59:59Z [step 2] resumed\n")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"), (4_102_444_800, "2100-01-01T00:00:00Z"),
  ])
  func stamps(seconds: Double, stamp: String) throws {
    let folder = try TemporaryFolder()
    let run = try RunDirectory.create(folder["run"])
    try RunLog(run, clock: RunClock { seconds }).write("x")
    #expect(try InputFile.text(of: run.log) == "\(stamp) [-] x\n")
  }
}
