public import SegCore

/// Section `lr_schedule` of the run config.
public struct LRScheduleConfig: Sendable, Equatable {
  public var curve: any LRCurveConfig
  /// Iterations over which the learning rate rises from 0 to the curve.
  public var warmupIterations: Int

  public init(_ curve: any LRCurveConfig = ConstantLRConfig(), warmupIterations: Int = 0) {
    self.curve = curve
    self.warmupIterations = warmupIterations
  }

  public init(_ section: ConfigSection) {
    curve = section.variant(
      default: ConstantLRConfig.name, among: lrCurves, "How the learning rate changes over the run."
    )
    warmupIterations = section.int(
      "warmup_iterations", default: 0, in: 0...1_000_000_000,
      "Iterations over which the learning rate rises linearly from 0 to the curve.")
  }

  /// Learning rate of iteration `step`, counted from 0, of `total`: a pure function, so that a resumed run
  /// cannot lose it.
  public func learningRate(base: Double, step: Int, of total: Int) -> Double {
    Warmup(iterations: warmupIterations, then: curve.schedule)
      .learningRate(base: base, iteration: step, total: total)
  }

  /// The word that chooses the curve.
  public var name: String { type(of: curve).name }

  public static func == (a: Self, b: Self) -> Bool {
    a.curve.isEqual(to: b.curve) && a.warmupIterations == b.warmupIterations
  }
}

/// The keys of one curve of the learning rate.
public protocol LRCurveConfig: ConfigKind {
  var schedule: any LearningRateSchedule { get }
  /// Where the curve ends, if its key `end_lr` says so.
  var endLR: Double? { get }
}

extension LRCurveConfig {
  public var endLR: Double? { nil }
}

/// The curves of this version; a new one is a line here and a file beside this one.
public let lrCurves: [ConfigVariant<any LRCurveConfig>] = [
  ConfigVariant(ConstantLRConfig.self) { $0 },
  ConfigVariant(PolyLRConfig.self) { $0 },
  ConfigVariant(LinearLRConfig.self) { $0 },
  ConfigVariant(CosineLRConfig.self) { $0 },
  ConfigVariant(StepLRConfig.self) { $0 },
]
