public import SegCore

/// Section `optimizer` of the run config.
public struct OptimizerConfig: Sendable, Equatable {
  public var method: any OptimizerMethodConfig
  /// Learning rate before any schedule.
  public var lr: Double
  public var weightDecay: Double
  /// The head's learning rate over the backbone's.
  public var headLRFactor: Double
  /// Kinds of parameters that weight decay leaves alone.
  public var noDecay: [NoDecay]

  public init(
    _ method: any OptimizerMethodConfig, lr: Double, weightDecay: Double = 0,
    headLRFactor: Double = 1, noDecay: [NoDecay] = []
  ) {
    self.method = method
    self.lr = lr
    self.weightDecay = weightDecay
    self.headLRFactor = headLRFactor
    self.noDecay = noDecay
  }

  public init(_ section: ConfigSection) {
    section.aliases(["learning_rate": "lr", "wd": "weight_decay", "epsilon": "eps"])
    method = section.variant(among: optimizerMethods, "The update rule.")
    lr = section.number("lr", in: 0...10, "Learning rate before any schedule.")
    weightDecay = section.number(
      "weight_decay", default: 0, in: 0...1, "L2 penalty, added to the gradient.")
    headLRFactor = section.number(
      "head_lr_factor", default: 1, in: 0...1000, "Learning rate of the head over the backbone's.")
    noDecay = section.value(
      "no_decay",
      ConfigType<NoDecay>.choice(among: NoDecay.allCases).list(count: 0...NoDecay.allCases.count),
      default: [], "Kinds of parameters that weight decay leaves alone.")
  }

  /// The update rule these keys describe.
  public func makeOptimizer() -> any Optimizer { method.makeOptimizer(weightDecay: weightDecay) }

  /// The same without weight decay, and the parameters it is for; `nil` where all are treated alike.
  public var exception: (optimizer: any Optimizer, kinds: [NoDecay])? {
    if noDecay.isEmpty { nil } else { (method.makeOptimizer(weightDecay: 0), noDecay) }
  }

  /// The word that chooses the method.
  public var name: String { type(of: method).name }

  public static func == (a: Self, b: Self) -> Bool {
    a.method.isEqual(to: b.method) && a.lr == b.lr && a.weightDecay == b.weightDecay
      && a.headLRFactor == b.headLRFactor && a.noDecay == b.noDecay
  }
}

/// The keys of one update rule beside those every rule has.
public protocol OptimizerMethodConfig: ConfigKind {
  func makeOptimizer(weightDecay: Double) -> any Optimizer
}

/// The optimizers of this version; a new one is a line here and a file beside this one.
public let optimizerMethods: [ConfigVariant<any OptimizerMethodConfig>] = [
  ConfigVariant(SGDConfig.self) { $0 },
  ConfigVariant(AdamConfig.self) { $0 },
]
