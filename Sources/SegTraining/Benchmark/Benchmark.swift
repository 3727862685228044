import SegCore
import SegEngine
import SegNN

/// What a benchmark is asked to time.
public enum BenchmarkPass: String, Sendable, CaseIterable {
  case train, inference
}

/// Times of training steps and forward passes on random data.
public struct Benchmark: Sendable {
  public struct Step: Sendable {
    public var forward, backward, optimizer: Double

    public var total: Double { forward + backward + optimizer }
  }

  /// Steps taken before those that count.
  static let warmUp = 2

  public private(set) var steps: [Step] = []
  /// Seconds of one forward pass of one image.
  public private(set) var inference: [Double] = []
  public private(set) var trainingMemory, inferenceMemory: MemoryPlan?
  public private(set) var parameters: Int
  public private(set) var threads: Int
  public private(set) var batchSize: Int
  /// Largest resident size of this process during each pass.
  public private(set) var trainingPeakBytes, inferencePeakBytes: Int?

  /// - Parameters:
  ///   - only: the pass to time, as the subject was made for; `nil` times those it has.
  ///   - count: measured steps, after two that are not.
  /// - Throws: `Failure(.usage)` when a stack is asked for inference.
  public init(
    _ subject: BenchmarkSubject, only: BenchmarkPass? = nil, count: Int, threads: Int
  ) throws {
    self.threads = threads
    batchSize = subject.batchSize
    parameters = subject.store.parameterCount
    let pool = ThreadPool(threads: threads)
    if only != .inference {
      trainingMemory = subject.memory(workers: threads)
      try measureTraining(subject, pool, count)
      trainingPeakBytes = MemoryPlan.peakResidentBytes()
      subject.store.release()
      MemoryPlan.forgetPeak()
    }
    if only != .train, let network = subject.network {
      try measureInference(network, subject, pool, count)
      inferencePeakBytes = MemoryPlan.peakResidentBytes()
    } else if only == .inference {
      throw Failure(.usage, "--only", "a stack is timed in training only")
    }
  }

  private mutating func measureTraining(
    _ subject: BenchmarkSubject, _ pool: ThreadPool, _ count: Int
  ) throws {
    let step = try subject.prepare(pool)
    let isGradient = subject.plan.gradientSteps
    for index in 0..<count + Self.warmUp {
      var measured = Step(forward: 0, backward: 0, optimizer: 0)
      measured.optimizer = step.take(index) { operation, seconds in
        if isGradient[operation] {
          measured.backward += seconds
        } else {
          measured.forward += seconds
        }
      }
      if index >= Self.warmUp { steps.append(measured) }
    }
  }

  /// One image a pass, without gradients.
  private mutating func measureInference(
    _ network: Network, _ subject: BenchmarkSubject, _ pool: ThreadPool, _ count: Int
  ) throws {
    try network.store.reserve(gradients: false)
    network.declarations.initialize(seed: UInt64(subject.seed), pool: pool)
    let runner = InferenceRunner(network, engine: subject.engine, pool: pool)
    let key = subject.key
    inferenceMemory = .inference(
      network.store, plan: try InferencePlan(network, key, loss: nil, engine: subject.engine).plan,
      workers: threads)
    var image = [Float](repeating: 0, count: 3 * key.height * key.width)
    image.withUnsafeMutableBufferPointer { BenchmarkSubject.fill($0) }
    for step in 0..<count + Self.warmUp {
      let start = Pace.now()
      try image.withUnsafeBufferPointer { _ = try runner.run(key, images: $0) }
      if step >= Self.warmUp { inference.append(Pace.now() - start) }
    }
  }

  /// Images a second in training, by the median step.
  public var imagesPerSecond: Double { Double(batchSize) / Self.median(steps.map(\.total)) }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
