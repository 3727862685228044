/// Where something was written: byte `offset` of source number `source`.
public struct JSONPlace: Hashable, Comparable, Sendable {
  /// 0 is the file; higher numbers are texts laid over it (command line overrides).
  public var source: Int
  public var offset: Int

  public init(source: Int = 0, offset: Int) {
    self.source = source
    self.offset = offset
  }

  public static func < (a: JSONPlace, b: JSONPlace) -> Bool {
    (a.source, a.offset) < (b.source, b.offset)
  }
}

/// A JSON value that remembers where it was written.
public struct JSONNode: Sendable {
  public struct Member: Sendable {
    public var key: String
    public var keyPlace: JSONPlace
    public var value: JSONNode
  }

  public enum Kind: Sendable {
    case null
    case bool(Bool)
    /// Every number that is whole and exact, however it was spelt: `3`, `3.0` and `3e0` are the same.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONNode])
    case object([Member])
    /// A value whose fault has been reported already (`NaN`, `1e999`, `007`).
    case invalid
  }

  public var kind: Kind
  public var place: JSONPlace
  /// End of the value in its source.
  public var end: Int

  public init(_ kind: Kind, place: JSONPlace, end: Int) {
    self.kind = kind
    self.place = place
    self.end = end
  }

  /// The value without its position; `invalid` becomes `null`.
  public var value: JSONValue {
    switch kind {
    case .null, .invalid: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .array(let items): .array(items.map(\.value))
    case .object(let members): .object(members.map { (key: $0.key, value: $0.value.value) })
    }
  }
}

/// One thing wrong with the text of a JSON document.
public struct JSONFault: Error, Sendable, Equatable {
  public var offset: Int
  /// Dotted path of the value being read, empty at the top.
  public var path = ""
  /// What was expected and what was found.
  public var problem: String
  public var hint: String?

  init(_ offset: Int, _ problem: String, hint: String? = nil) {
    self.offset = offset
    self.problem = problem
    self.hint = hint
  }
}

/// What a JSON reader accepts beyond, and how far within, the standard (RFC 8259).
public struct JSONDialect: Sendable {
  /// `//` and `/* */` comments and a comma after the last element.
  public var relaxed: Bool
  /// Deepest nesting of arrays and objects.
  public var depth: Int
  /// Longest document in bytes.
  public var size: Int

  public init(relaxed: Bool, depth: Int = 64, size: Int = 64 << 20) {
    self.relaxed = relaxed
    self.depth = depth
    self.size = size
  }

  /// The standard.
  public static let strict = JSONDialect(relaxed: false)
  /// Files written by people: comments and trailing commas, at most 8 MiB.
  public static let commented = JSONDialect(relaxed: true, size: 8 << 20)
}

extension JSONNode {
  /// Reads a document, stopping at the first fault.
  ///
  /// - Throws: `Failure` with `status` and the place `name:line:column`.
  public static func parse(
    _ bytes: [UInt8], name: String, dialect: JSONDialect = .strict,
    status: ExitStatus = .badData
  ) throws(Failure) -> JSONNode {
    let text = JSONText(name: name, bytes: bytes)
    let (root, faults) = JSONParser.parse(text, dialect: dialect)
    if let root, faults.isEmpty { return root }
    let fault = faults.first ?? JSONFault(0, "not a JSON document")
    let problem = fault.path.isEmpty ? fault.problem : "\(fault.path): \(fault.problem)"
    throw Failure(status, text.place(of: fault.offset), problem, hint: fault.hint)
  }
}
