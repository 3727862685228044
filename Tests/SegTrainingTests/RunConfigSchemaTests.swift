import SegCore
import SegTraining
import Testing

@Suite struct RunConfigSchemaTests {
  private let schema = RunConfig.schema()

  @Test func head() {
    #expect(schema["$schema"] == .string("https://json-schema.org/draft/2020-12/schema"))
    #expect(schema["type"] == .string("object"))
    #expect(
      schema["required"]
        == .array(["data", "model", "loss", "optimizer", "training"].map { .string($0) }))
  }

  @Test(arguments: [Example.least, Example.full])
  func everyResolvedKeyIsDeclared(text: String) throws {
    let resolved = try RunConfig.load(bytes: Array(text.utf8), name: "run.json").resolved
    #expect(undeclared(resolved, schema, path: "") == [])
  }

  @Test func unknownKeysAreNot() {
    let document = JSONValue.fields([
      "optimizer": .fields(["type": .string("sgd"), "betas": .null])
    ])
    #expect(undeclared(document, schema, path: "") == [".optimizer"])
  }

  @Test func keyOfEveryKind() {
    let lr = schema["properties"]?["optimizer"]?["oneOf"]?[0]?["properties"]?["lr"]
    #expect(
      lr
        == .fields([
          "description": .string("Learning rate before any schedule."), "type": .string("number"),
          "minimum": .number(0), "maximum": .number(10),
        ]))
    let size = schema["properties"]?["evaluation"]?["properties"]?["score_size"]
    #expect(size?["enum"] == .array([.string("original"), .string("input")]))
    #expect(size?["default"] == .string("original"))
    let types = schema["properties"]?["optimizer"]?["oneOf"]?.items.map {
      $0["properties"]?["type"]?["const"]
    }
    #expect(types == [.string("sgd"), .string("adam")])
  }

  @Test func everyObjectIsClosedAndEveryKeyExplained() {
    #expect(looseObjects(schema) == [])
  }

  /// Paths of `document` that no branch of `schema` declares.
  private func undeclared(_ document: JSONValue, _ schema: JSONValue, path: String) -> [String] {
    let branches = ["oneOf", "anyOf", "allOf"].flatMap { schema[$0]?.items ?? [] }
    if schema["properties"] == nil, !branches.isEmpty {
      let results = branches.map { undeclared(document, $0, path: path) }
      return results.contains([]) ? [] : [path]
    }
    switch document {
    case .object(let members):
      guard schema["type"] == .string("object") || schema["type"]?.items.isEmpty == false else {
        return [path]
      }
      if let kind = document["type"], let const = schema["properties"]?["type"]?["const"],
        kind != const
      {
        return [path]
      }
      return members.flatMap { member -> [String] in
        let below = "\(path).\(member.key)"
        if let key = schema["properties"]?[member.key] {
          return undeclared(member.value, key, path: below)
        }
        let others = schema["additionalProperties"]
        return others == nil || others == .bool(false) ? [below] : []
      }
    case .array(let items):
      guard let each = schema["items"] else { return [path] }
      return items.enumerated().flatMap { undeclared($1, each, path: "\(path).\($0)") }
    default: return []
    }
  }

  /// Objects that allow unknown keys, and keys without a description.
  private func looseObjects(_ schema: JSONValue, _ path: String = "") -> [String] {
    var found: [String] = []
    if schema["type"] == .string("object"), case .object(let properties)? = schema["properties"] {
      if schema["additionalProperties"] != .bool(false) { found.append(path) }
      for property in properties where property.key != "$schema" {
        let below = "\(path).\(property.key)"
        let isChoice = property.value["const"] != nil
        if property.value["description"] == nil, !isChoice { found.append(below) }
        found += looseObjects(property.value, below)
      }
    }
    for branch in ["oneOf", "anyOf", "allOf"].flatMap({ schema[$0]?.items ?? [] }) {
      found += looseObjects(branch, path)
    }
    if let items = schema["items"] { found += looseObjects(items, path + "[]") }
    return found
  }
}

extension JSONValue {
  fileprivate var items: [JSONValue] {
    if case .array(let items) = self { items } else { [] }
  }
  fileprivate subscript(index: Int) -> JSONValue? {
    items.indices.contains(index) ? items[index] : nil
  }
}
