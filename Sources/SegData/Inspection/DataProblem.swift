public import SegCore

/// Something wrong with the files of a split.
public struct DataProblem: Sendable, Equatable {
  public enum Severity: String, Sendable { case error, warning }

  public enum Kind: String, Sendable, CaseIterable {
    /// A folder of the layout is not there or empty.
    case missingFiles = "missing_files"
    /// An image without label or a label without image.
    case missingPair = "missing_pair"
    /// Not a picture, or a damaged one.
    case decodeError = "decode_error"
    /// A sound picture that cannot be a label: 16 bits, RGB, JPEG.
    case labelMode = "label_mode"
    /// Image and label of unequal size.
    case sizeMismatch = "size_mismatch"
    /// A label value that is neither a class nor ignored.
    case labelValue = "label_value"
    /// Masks of 0 and 255 whose foreground is ignored.
    case binaryMask = "binary_mask"
    /// A label of a single value.
    case constantLabel = "constant_label"
    /// An image of another size than nearly all the others.
    case oddSize = "odd_size"
    /// A photograph that viewers turn and training does not.
    case exifOrientation = "exif_orientation"
    /// A 16-bit image that uses little of its range.
    case darkImage = "dark_image"
    /// Classes of which the split has no pixel.
    case absentClass = "absent_class"

    /// Errors stop training or spoil it; warnings may be meant.
    public var severity: Severity {
      switch self {
      case .constantLabel, .oddSize, .exifOrientation, .darkImage, .absentClass: .warning
      default: .error
      }
    }
  }

  public var split: String
  /// Path; nil when the split as a whole is meant.
  public var file: String?
  public var kind: Kind
  public var message: String
  public var hint: String?

  public init(split: String, file: String?, kind: Kind, message: String, hint: String? = nil) {
    self.split = split
    self.file = file
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  init(split: String, kind: Kind, _ failure: Failure) {
    self.init(
      split: split, file: failure.place, kind: kind, message: failure.problem, hint: failure.hint)
  }

  public var severity: Severity { kind.severity }

  /// `{split, file, kind, severity, message, hint}`.
  public var json: JSONValue {
    .fields([
      "split": .string(split), "file": file.map(JSONValue.string) ?? .null,
      "kind": .string(kind.rawValue), "severity": .string(severity.rawValue),
      "message": .string(message), "hint": hint.map(JSONValue.string) ?? .null,
    ])
  }
}
