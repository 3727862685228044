internal import SegCore

/// The file that names the samples of a split, one a line; empty lines and what follows `#` do not
/// count.
struct ListFile {
  struct Line {
    var number: Int
    var fields: [String]
  }

  let path: String
  let lines: [Line]

  /// - Parameter limit: Fields a line may have, separated by tabs where there is one, else by blanks.
  /// - Throws: `Failure`: `.inputMissing` where there is no such file, saying which lists there are;
  ///   `.badData` for an empty one, or a line of too many fields.
  init(_ path: String, fields limit: Int = 1) throws {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch let failure as Failure where failure.status == .inputMissing {
      throw Self.missing(path)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    var lines: [Line] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let content = line.prefix { $0 != "#" }
      let fields =
        content.contains("\t")
        ? content.split(separator: "\t").map { Self.trimmed($0) }.filter { !$0.isEmpty }
        : content.split(whereSeparator: \.isWhitespace).map(String.init)
      guard !fields.isEmpty else { continue }
      guard fields.count <= limit else {
        let names = limit == 1 ? "a name" : "a name, or an image and its label"
        throw Failure(
          .badData, "\(path):\(index + 1)", "expected \(names), found \(fields.count) fields",
          hint: "names with blanks need a tab between the fields of each line")
      }
      lines.append(Line(number: index + 1, fields: fields))
    }
    guard !lines.isEmpty else { throw Failure(.badData, path, "the list names no sample") }
    self.path = path
    self.lines = lines
  }

  private static func trimmed(_ text: Substring) -> String {
    String(
      text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  private static func missing(_ path: String) -> Failure {
    let (parent, name) = Folder.split(path)
    do {
      let ending = Folder.stem(name).extension
      let lists = try Folder.list(parent).filter { Folder.stem($0).extension == ending }
      return Failure(
        .inputMissing, path,
        "no such list" + NearNames.note(name, among: lists)
          + (lists.isEmpty ? "" : "; there are \(lists.prefix(12).joined(separator: ", "))"))
    } catch let failure as Failure {
      return failure
    } catch {
      return Failure(.inputMissing, path, "no such list")
    }
  }

  /// The files of every line.
  ///
  /// - Parameter find: the files a line's fields mean.
  func pairing(_ find: (_ fields: [String]) -> Found) -> Pairing {
    var pairing = Pairing()
    var seen: [[String]: Int] = [:]
    for line in lines {
      let name = line.fields.joined(separator: " ")
      if let first = seen.updateValue(line.number, forKey: line.fields) {
        pairing.problems.append(
          PairProblem(
            kind: .listed, file: "\(path):\(line.number)",
            message: "\(name) is listed twice, first in line \(first)", hint: "remove one of them"))
        continue
      }
      switch find(line.fields) {
      case .pair(let pair): pairing.pairs.append(pair)
      case .missing(let kind, let file, let hint):
        let what = kind == .noImage ? "image" : "label"
        pairing.problems.append(
          PairProblem(
            kind: kind, file: file,
            message: "no such \(what); \(name) is in line \(line.number) of \(path)", hint: hint))
      }
    }
    return pairing
  }

  enum Found {
    case pair(SamplePair)
    case missing(PairProblem.Kind, file: String, hint: String?)

    /// The first file there is of each kind.
    ///
    /// - Parameter hint: what to do without a label.
    static func find(image: [String], _ label: [String], hint: String? = nil) -> Found {
      func existing(_ paths: [String]) -> String? {
        paths.first { FileSystem.kind(of: $0) == .file }
      }
      guard let imageFile = existing(image) else {
        return .missing(.noImage, file: image[0], hint: nil)
      }
      guard let labelFile = existing(label) else {
        return .missing(.noLabel, file: label[0], hint: hint)
      }
      return .pair(SamplePair(image: imageFile, label: labelFile))
    }
  }
}
