import Glibc
import SegCore
import Testing

extension EndToEnd {
  /// What Ctrl-C and a polite kill do.
  @Suite struct SignalTests {
    @Test("The first signal finishes the step and saves; resume goes on from there")
    func first() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "500")])
      let run = try Program(shop.arguments("a"), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 2/500") }
      run.send(SIGINT)
      let stopped = run.wait()
      #expect(stopped.exit == .stoppedEarly)
      let last = try shop.text("a/run/checkpoints/last")
      let step = Int(last.dropFirst("step_".count).prefix { $0.isNumber })
      #expect(
        stopped.errors.hasSuffix(
          "SIGINT: stopped after iteration \(step ?? -1), state saved; go on with --resume\n"))
      // The log says what the run did, not how often it was stopped.
      #expect(!(try shop.text("a/run/log.txt")).contains("SIGINT"))
      let again = try Program(shop.arguments("a", ["--resume"]), in: shop.path)
      again.wait { again.errorsSoFar.contains("/500") }
      again.send(SIGTERM)
      let second = again.wait()
      #expect(second.exit == .stoppedEarly)
      #expect(second.errors.hasPrefix("resuming after iteration \(step ?? -1)\n"))
    }

    @Test("A second signal ends the program at once with 130")
    func second() throws {
      // Many pictures to evaluate, so that there is time between two signals.
      let shop = try Workshop(train: 2, val: 300)
      try shop.configure([("evaluation.interval", "1")])
      let run = try Program(shop.arguments("a"), in: shop.path)
      run.wait { run.errorsSoFar.contains("iter 1/2") }
      run.send(SIGINT)
      usleep(20_000)
      run.send(SIGINT)
      #expect(run.wait().status == 130)
    }
  }
}
