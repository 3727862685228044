/// What `segtrain loss explain` says of a loss besides its worked example, which is computed.
public struct LossExplanation: Sendable {
  /// One formulation of a loss: the published one, or one that a repository computes.
  public struct Reading: Sendable {
    public var variant: LossVariant
    /// The formula in plain text.
    public var equation: String
    /// What the sum is taken over and divided by.
    public var reduction: String
    /// What a pixel with the ignore index does to value and gradient.
    public var ignored: String
    /// What a class without a pixel in the batch does.
    public var absent: String
    /// Paper and equation, or the repository read.
    public var source: String

    public init(
      _ variant: LossVariant = .paper, equation: String, reduction: String,
      ignored: String = "no part in value nor gradient", absent: String = "no part",
      source: String
    ) {
      self.variant = variant
      self.equation = equation
      self.reduction = reduction
      self.ignored = ignored
      self.absent = absent
      self.source = source
    }
  }

  /// The values it can take, e.g. `[0, ∞)`.
  public var range: String
  public var readings: [Reading]

  public init(range: String, readings: [Reading]) {
    self.range = range
    self.readings = readings
  }
}
