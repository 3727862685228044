import Glibc

/// Measures how fast a run goes; nothing it measures reaches results.
struct Pace {
  private var firstStep = 0
  private var begin = 0.0
  /// Time spent on evaluations and checkpoints.
  private var paused = 0.0
  private var lapBegin = 0.0
  private var lapImages = 0
  private var lapWaited = 0.0

  static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds that all threads of this process have run.
  static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  mutating func start(at step: Int) {
    firstStep = step
    begin = Self.now()
    lapBegin = begin
  }

  mutating func count(images: Int) { lapImages += images }

  /// Runs `work` outside the measured time.
  mutating func pausing(_ work: () throws -> Void) rethrows {
    let start = Self.now()
    try work()
    let seconds = Self.now() - start
    paused += seconds
    lapBegin += seconds
  }

  /// Images a second and share of waiting since the last lap.
  ///
  /// - Parameter waited: seconds waited for data so far.
  mutating func lap(waited: Double) -> (imagesPerSecond: Double, dataWait: Double) {
    let now = Self.now()
    let seconds = max(now - lapBegin, 1e-9)
    let result = (Double(lapImages) / seconds, min(1, (waited - lapWaited) / seconds))
    lapBegin = now
    lapImages = 0
    lapWaited = waited
    return result
  }

  /// Seconds until the end at the average speed, evaluations left out.
  func secondsLeft(step: Int, of iterations: Int) -> Double {
    guard step > firstStep else { return 0 }
    let perStep = (Self.now() - begin - paused) / Double(step - firstStep)
    return perStep * Double(iterations - step)
  }
}
