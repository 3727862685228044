public import SegCore

/// A checkpoint on disk whose files are all there and as they were written.
public struct Checkpoint: Sendable {
  /// The folder.
  public let path: String
  /// Steps taken when it was written.
  public let step: Int
  /// What the trainer stored beside the tensors.
  public let state: JSONValue
  /// Where the pointer files were to point once it was written: pointer name and checkpoint name.
  public let pointers: [(name: String, target: String)]

  public static let modelName = "model.safetensors"
  public static let optimizerName = "optimizer.safetensors"
  public static let stateName = "state.json"
  /// Raised when an older program can no longer read what a newer one writes.
  static let format = 1

  public var model: String { FilePath.join(path, Self.modelName) }
  public var optimizer: String { FilePath.join(path, Self.optimizerName) }

  /// `step_0000500`, the name of the folder.
  public static func name(step: Int) -> String {
    let digits = String(step)
    return "step_" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
  }

  /// The step a folder name stands for; nil for other names.
  public static func step(ofName name: String) -> Int? {
    guard name.hasPrefix("step_"), let step = Int(name.dropFirst(5)), step >= 0,
      Checkpoint.name(step: step) == name
    else { return nil }
    return step
  }

  /// Reads `state.json` and checks sizes, SHA-256 and headers of the files it lists.
  ///
  /// - Throws: `.badData` or `.inputMissing` that names the file at fault.
  public static func load(_ path: String) throws(Failure) -> Checkpoint {
    let statePath = FilePath.join(path, stateName)
    let bytes = try InputFile.contents(of: statePath)
    let document = try JSONNode.parse(bytes, name: statePath).value
    func missing(_ what: String) -> Failure {
      Failure(
        .badData, statePath, "expected \(what)",
        hint: "the checkpoint is damaged or not one of ours; use another one")
    }
    guard case .integer(let format)? = document["format"], format == Self.format else {
      throw missing("\"format\": \(Self.format)")
    }
    guard case .integer(let step)? = document["step"], step >= 0 else {
      throw missing("a \"step\" of 0 or more")
    }
    guard let state = document["state"] else { throw missing("a \"state\"") }
    guard case .object(let pointers)? = document["pointers"],
      case .object(let files)? = document["files"]
    else { throw missing("the objects \"pointers\" and \"files\"") }
    guard [modelName, optimizerName].allSatisfy({ name in files.contains { $0.key == name } })
    else { throw missing("\(modelName) and \(optimizerName) in \"files\"") }
    for (name, record) in files {
      guard case .integer(let byteCount)? = record["bytes"],
        case .string(let sha256)? = record["sha256"]
      else { throw missing("\"bytes\" and \"sha256\" of \(name)") }
      try verify(FilePath.join(path, name), byteCount, sha256)
    }
    var targets: [(name: String, target: String)] = []
    for (name, target) in pointers {
      guard case .string(let target) = target else { throw missing("names in \"pointers\"") }
      targets.append((name, target))
    }
    return Checkpoint(path: path, step: step, state: state, pointers: targets)
  }

  /// Checks size, SHA-256 and header of the weights alone, where the folder says what they were.
  ///
  /// Scoring needs nothing else of a checkpoint, and a folder may have been thinned out to its weights.
  /// - Throws: `.badData` that names the file at fault.
  public static func verifyModel(in folder: String) throws(Failure) {
    let statePath = FilePath.join(folder, stateName)
    guard FileSystem.kind(of: statePath) == .file else { return }
    let document = try JSONNode.parse(InputFile.contents(of: statePath), name: statePath).value
    guard let record = document["files"]?[modelName],
      case .integer(let byteCount)? = record["bytes"], case .string(let sha256)? = record["sha256"]
    else {
      throw Failure(
        .badData, statePath, "expected \"bytes\" and \"sha256\" of \(modelName)",
        hint: "the checkpoint is damaged or not one of ours; use another one")
    }
    try verify(FilePath.join(folder, modelName), byteCount, sha256)
  }

  private static func verify(
    _ path: String, _ byteCount: Int, _ sha256: String
  ) throws(Failure) {
    let found = try InputFile(path).byteCount
    let hint = "the file was changed or damaged after it was written; use another checkpoint"
    guard found == byteCount else {
      throw Failure(.badData, path, "expected \(byteCount) bytes, found \(found)", hint: hint)
    }
    if path.hasSuffix(".safetensors") { _ = try SafetensorsReader(path) }
    let digest = try SHA256.hash(fileAt: path)
    guard digest == sha256 else {
      throw Failure(.badData, path, "expected SHA-256 \(sha256), found \(digest)", hint: hint)
    }
  }
}
