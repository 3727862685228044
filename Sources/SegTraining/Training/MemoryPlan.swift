import Glibc
public import SegCore
public import SegEngine

/// Peak memory of a run, known before it starts, by what it is for.
public struct MemoryPlan: Sendable, Equatable {
  public struct Item: Sendable, Equatable {
    public var name: String
    public var bytes: Int
  }

  public private(set) var items: [Item] = []

  public init() {}

  public mutating func add(_ name: String, _ bytes: Int) {
    items.append(Item(name: name, bytes: bytes))
  }

  public var totalBytes: Int { items.map(\.bytes).reduce(0, +) }

  /// Program and libraries: measured on processes with 1 to 3 threads, with and without BLAS.
  static func programBytes(workers: Int) -> Int { (18 + workers) << 20 }

  /// Memory of training: weights, gradients, optimiser state, and one step, of training or of evaluation,
  /// which take turns in the same memory.
  ///
  /// - Parameters:
  ///   - isAveraged: whether a moving average of the weights is kept.
  ///   - others: the plans of an epoch's smaller last batch and of traces, where there are some; all are kept, with
  ///     prepared weights of their own.
  ///   - evaluation: what scoring takes.
  ///   - aheadBytes: batches that are decoded before they are needed.
  ///   - cacheBytes: samples that are kept decoded.
  static func training(
    _ store: ParameterStore, optimizerStates: Int, isAveraged: Bool = false, plan: Plan,
    others: [Plan] = [], evaluation: EvaluationMemory = EvaluationMemory(), workers: Int,
    aheadBytes: Int, cacheBytes: Int = 0
  ) -> MemoryPlan {
    var memory = MemoryPlan()
    let plans = [plan] + others + evaluation.plans
    memory.add("parameters", store.parameterBytes + store.bufferBytes)
    memory.add("gradients", store.parameterBytes)
    memory.add("optimizer state", optimizerStates * store.parameterBytes)
    if isAveraged { memory.add("averaged weights", store.parameterBytes + store.bufferBytes) }
    memory.add(
      "prepared weights", others.map(\.preparedBytes).reduce(evaluation.preparedBytes, +))
    memory.add("activations", plans.map(\.activationBytes).max() ?? 0)
    memory.add("workspace", plans.map { $0.workspaceBytes(workers: workers) }.max() ?? 0)
    memory.add(
      "inputs and batches ahead",
      (plans.map(\.inputBytes).max() ?? 0) + aheadBytes + evaluation.aheadBytes)
    if evaluation.viewBytes > 0 { memory.add("averages of views", evaluation.viewBytes) }
    if cacheBytes > 0 { memory.add("samples kept decoded", cacheBytes) }
    memory.add("program", programBytes(workers: workers))
    return memory
  }

  /// Memory of forward passes.
  public static func inference(_ store: ParameterStore, plan: Plan, workers: Int) -> MemoryPlan {
    var memory = MemoryPlan()
    memory.add("parameters", store.parameterBytes + store.bufferBytes)
    memory.add("prepared weights", plan.preparedBytes)
    memory.add("activations", plan.activationBytes)
    memory.add("workspace", plan.workspaceBytes(workers: workers))
    memory.add("inputs", 2 * plan.inputBytes)
    memory.add("program", programBytes(workers: workers))
    return memory
  }

  public var json: JSONValue {
    .object(
      items.map { (key: $0.name, value: .integer($0.bytes)) } + [
        (key: "total", value: .integer(totalBytes))
      ])
  }

  /// `planned peak 1.31 GB: parameters 63 MB, …`.
  public var text: String {
    "planned peak \(Self.readable(totalBytes)): "
      + items.map { "\($0.name) \(Self.readable($0.bytes))" }.joined(separator: ", ")
  }

  /// - Throws: `Failure(.badConfig)` when the machine does not have that much.
  public func check(limit: Int? = machineBytes(), hint: String) throws {
    guard let limit, totalBytes > limit else { return }
    throw Failure(
      .badConfig, "memory",
      "the run needs \(Self.readable(totalBytes)), the machine has \(Self.readable(limit)) (\(text))",
      hint: hint)
  }

  /// 10⁶ and 10⁹ bytes, as disks and people count.
  public static func readable(_ bytes: Int) -> String {
    // What would be rounded to 1000 MB is written as 1.00 GB.
    if bytes >= 999_500_000 {
      let hundredths = (bytes + 5_000_000) / 10_000_000
      let fraction = hundredths % 100
      return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) GB"
    }
    return "\((bytes + 500_000) / 1_000_000) MB"
  }

  /// Memory this process may use: the machine's, or its control group's limit where that is lower.
  public static func machineBytes() -> Int? {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    guard pages > 0, size > 0 else { return nil }
    let physical = pages * size
    let group = (try? InputFile.text(of: "/sys/fs/cgroup/memory.max")).flatMap { text in
      Int(text.prefix { $0.isNumber })
    }
    return min(physical, group ?? physical)
  }

  /// Starts the count of `peakResidentBytes` anew, where the system lets it.
  static func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  /// Largest resident size of this process so far, in bytes.
  public static func peakResidentBytes() -> Int {
    // getrusage also counts what the process was before exec: a large parent would show.
    if let status = try? InputFile.text(of: "/proc/self/status"),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = Int(line.drop { !$0.isNumber }.prefix { $0.isNumber })
    {
      return kilobytes * 1024
    }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
