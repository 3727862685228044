/// One entry of `data.label_map`.
public struct LabelMapping: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    case index(Int)
    case ignore
  }

  /// Value in the label file.
  public var stored: Int
  public var target: Target

  public init(stored: Int, target: Target) {
    self.stored = stored
    self.target = target
  }
}
