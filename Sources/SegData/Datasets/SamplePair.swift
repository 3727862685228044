/// The two files of one sample.
public struct SamplePair: Hashable, Sendable {
  public var image: String
  public var label: String

  public init(image: String, label: String) {
    self.image = image
    self.label = label
  }
}
