import SegCore
import SegTraining
import Testing

@Suite struct RunConfigErrorTests {
  @Test(arguments: BadConfig.all)
  func text(_ bad: BadConfig) {
    let failure = #expect(throws: Failure.self) {
      try RunConfig.load(bytes: Array(bad.text.utf8), name: "run.json", overrides: bad.overrides)
    }
    #expect(failure?.description == bad.expected)
    #expect(failure?.status == .badConfig)
  }

  @Test func manyProblemsAreCounted() {
    let junk = (0..<80).map { "\"junk\($0)\": 0" }.joined(separator: ", ")
    let failure = #expect(throws: Failure.self) {
      try RunConfig.load(bytes: Array("{\(junk)}".utf8), name: "run.json")
    }
    let lines = failure?.description.split(separator: "\n") ?? []
    #expect(lines.last == "… and 38 more problems")
    #expect(lines.count { $0.hasPrefix("run.json:1:") } == 50)
  }

  @Test func missingFile() {
    let failure = #expect(throws: Failure.self) { try RunConfig.load(path: "no/such/run.json") }
    #expect(failure?.status == .inputMissing)
    #expect(
      failure?.description == """
        no/such/run.json: expected a configuration file, found: No such file or directory
          hint: give the path of a JSON file to --config
        """)
  }

  @Test func folderInsteadOfFile() {
    let failure = #expect(throws: Failure.self) { try RunConfig.load(path: "/") }
    #expect(failure?.status == .io)
    #expect(
      failure?.description == """
        /: expected a readable configuration file, found: Is a directory
          hint: name the file inside this folder
        """)
  }

  @Test func endlessFile() {
    let failure = #expect(throws: Failure.self) { try RunConfig.load(path: "/dev/zero") }
    #expect(
      failure?.description == "/dev/zero:1:1: expected at most 8388608 bytes, found more")
  }

  @Test(.timeLimit(.minutes(1)))
  func largestDocuments() {
    let keys = (0..<400_000).map { "\"key\($0)\": 0" }.joined(separator: ",")
    let numbers = String(repeating: "\"x\",", count: 1_500_000)
    let texts = [
      "{\(keys)}", "{\"data\": {\"label_map\": {\(keys)}}}", "{\"data\": {\"mean\": [\(numbers)]}}",
      "{\"loss\": {\"terms\": [{\"type\": \"recall\", \"class_weights\": [\(numbers)]}]}}",
      "{\"model\": {\"train_only\": [\(numbers)]}, \"checkpoint\": {\"best_by\": [\(numbers)]}}",
    ]
    for text in texts {
      #expect(throws: Failure.self) {
        try RunConfig.load(bytes: Array(text.utf8), name: "run.json")
      }
    }
  }
}
