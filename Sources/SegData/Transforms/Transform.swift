public import SegCore

/// A change of one sample; whatever is random in it comes from `rng`, the same number of draws
/// every time.
public protocol Transform: Sendable {
  func apply(_ sample: inout Sample, _ rng: inout CounterRNG) throws
}
