/// A list of labelled pictures; loading is pure and may happen on any thread.
public protocol SegmentationDataset: Sendable {
  /// Classes in the order of their indices.
  var classes: [ClassInfo] { get }
  /// Label value that is not a class.
  var ignoreIndex: UInt8 { get }
  var count: Int { get }

  func imagePath(at index: Int) -> String
  func labelPath(at index: Int) -> String

  /// Sample `index` at its stored size, the image in RGB, the label mapped to class indices and
  /// `ignoreIndex`.
  ///
  /// - Throws: `Failure` that names the file.
  func load(at index: Int) throws -> Sample
}
