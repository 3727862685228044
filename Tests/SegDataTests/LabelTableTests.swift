import SegCore
import SegData
import Testing

@Suite struct LabelTableTests {
  static func map(_ pixels: [UInt8], width: Int = 4) -> LabelMap {
    LabelMap(height: pixels.count / width, width: width, pixels: pixels)
  }

  @Test func mapsAndLeavesTheRest() throws {
    let table = try LabelTable(
      classCount: 11, ignoreIndex: 255, table: ClassTable.camvid11.labelMap,
      config: [LabelMapping(stored: 100, target: .index(3))])
    var label = Self.map([0, 10, 11, 100])
    try table.apply(to: &label, name: "")
    #expect(label.pixels == [0, 10, 255, 3])
  }

  @Test func theConfigWinsOverTheTable() throws {
    let table = try LabelTable(
      classCount: 11, ignoreIndex: 255, table: ClassTable.camvid11.labelMap,
      config: [LabelMapping(stored: 11, target: .index(2))])
    #expect(table.mapped[11] == 2)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    var pixels: [UInt8]
    var classes: Int
    var ignore = 255
    var config: [LabelMapping] = []
    var problem: String
    var hint: String
    var testDescription: String { problem }
  }

  static let bad: [Bad] = [
    Bad(
      pixels: [0, 1, 2, 2, 0, 9, 9, 9], classes: 2,
      problem: "label value 2 in 2 pixels, first at x 2, y 0; classes are 0 to 1, "
        + "ignore_index is 255",
      hint: "if 2 is no class, add \"label_map\": {\"2\": \"ignore\"} to \"data\""),
    Bad(
      pixels: [0, 1, 0, 0, 0, 7, 1, 1], classes: 2,
      problem: "label value 7 in 1 pixel, first at x 1, y 1; classes are 0 to 1, "
        + "ignore_index is 255",
      hint: "if 7 is no class, add \"label_map\": {\"7\": \"ignore\"} to \"data\""),
    Bad(
      pixels: [0, 255, 0, 255], classes: 2, ignore: 254,
      problem: "label value 255 in 2 pixels, first at x 1, y 0; classes are 0 to 1, "
        + "ignore_index is 254",
      hint: "a mask of 0 and 255: add \"label_map\": {\"255\": 1} to \"data\""),
  ]

  @Test(arguments: bad)
  func valuesThatAreNoClass(_ test: Bad) throws {
    let table = try LabelTable(
      classCount: test.classes, ignoreIndex: test.ignore, config: test.config)
    var label = Self.map(test.pixels)
    let failure = #expect(throws: Failure.self) { try table.apply(to: &label, name: "m.png") }
    #expect(failure == Failure(.badData, "m.png", test.problem, hint: test.hint))
  }

  @Test func binaryMasks() throws {
    let table = try LabelTable(classCount: 2, ignoreIndex: 255)
    var counts = [Int](repeating: 0, count: 256)
    counts[0] = 7
    #expect(table.binaryMaskFailure(counts, place: "masks") == nil)
    counts[255] = 3
    let failure = table.binaryMaskFailure(counts, place: "masks")
    #expect(
      failure?.problem
        == "labels hold 0 (7 pixels) and 255 (3 pixels), and 255 is ignored: only class 0 is left")
    #expect(
      failure?.hint == "if 255 is the foreground, add \"label_map\": {\"255\": 1} to \"data\"")
    counts[1] = 1
    #expect(table.binaryMaskFailure(counts, place: "masks") == nil)
    counts[1] = 0
    let mapped = try LabelTable(
      classCount: 2, ignoreIndex: 255, config: [LabelMapping(stored: 255, target: .index(1))])
    #expect(mapped.binaryMaskFailure(counts, place: "masks") == nil)
  }

  static let badConfigs: [([LabelMapping], Int, String)] = [
    ([LabelMapping(stored: 256, target: .ignore)], 255, "stored values are 0 to 255, found 256"),
    ([LabelMapping(stored: -1, target: .ignore)], 255, "stored values are 0 to 255, found -1"),
    (
      [LabelMapping(stored: 3, target: .ignore), LabelMapping(stored: 3, target: .index(0))], 255,
      "stored value 3 is listed twice"
    ),
    (
      [LabelMapping(stored: 3, target: .index(4))], 255,
      "expected a class index 0 to 3 or \"ignore\", found 4"
    ),
    ([], 256, "expected 0 to 255, found 256"),
    ([], -1, "expected 0 to 255, found -1"),
  ]

  @Test(arguments: badConfigs)
  func impossibleMappings(_ entries: [LabelMapping], _ ignore: Int, _ problem: String) {
    let failure = #expect(throws: Failure.self) {
      try LabelTable(classCount: 4, ignoreIndex: ignore, config: entries)
    }
    #expect(failure?.status == .badConfig)
    #expect(failure?.problem == problem)
  }
}
