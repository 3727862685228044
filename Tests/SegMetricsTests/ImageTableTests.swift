import SegCore
import SegMetrics
import Testing

@Suite struct ImageTableTests {
  static let names = ["road", "traffic sign, \"small\"", "a\r\nb"]

  static func random(_ rng: inout CounterRNG, classes: Int) -> ClassCounts {
    let rows = (0..<classes).map { _ in (0..<classes).map { _ in Int64(rng.integer(in: 0..<9)) } }
    return ClassCounts(ConfusionMatrix(rows: rows))
  }

  @Test func comesBackAsItWas() throws {
    var rng = CounterRNG(seed: 1, stream: 0)
    let images = [(0, "a.png"), (2, "b, \"c\".png"), (3, "")].map { index, name in
      ImageCounts(index: index, name: name, counts: Self.random(&rng, classes: 3))
    }
    let table = ImageTable(classNames: Self.names, images: images)
    #expect(try ImageTable(csv: table.csv, place: "per_image.csv") == table)
    let empty = ImageTable(classNames: Self.names, images: [])
    #expect(try ImageTable(csv: empty.csv, place: "per_image.csv") == empty)
  }

  @Test func text() {
    let counts = ClassCounts(ConfusionMatrix(rows: [[5, 2], [1, 3]]))
    let table = ImageTable(
      classNames: ["road", "car"], images: [ImageCounts(index: 4, name: "x.png", counts: counts)])
    #expect(
      table.csv == """
        index,label,tp:road,fp:road,fn:road,tp:car,fp:car,fn:car
        4,x.png,5,1,2,3,2,1

        """)
  }

  /// Any sample of pictures can be scored from the table as from the pictures themselves.
  @Test func picturesAddUp() {
    var rng = CounterRNG(seed: 2, stream: 0)
    var whole = ConfusionMatrix(classes: 4)
    var images: [ImageCounts] = []
    for index in 0..<20 {
      let rows = (0..<4).map { _ in (0..<4).map { _ in Int64(rng.integer(in: 0..<50)) } }
      let matrix = ConfusionMatrix(rows: rows)
      whole.merge(matrix)
      images.append(ImageCounts(index: index, name: "", counts: ClassCounts(matrix)))
    }
    let table = ImageTable(classNames: ["a", "b", "c", "d"], images: images)
    #expect(table.total == ClassCounts(whole))
    #expect(table.total.total == whole.total)
    for rule in AbsentClassRule.allCases { #expect(table.total.scores(rule) == whole.scores(rule)) }
  }

  @Test(
    arguments: [
      ("", "expected the columns"), ("index,label\n", "expected the columns"),
      ("index,label,tp:a,fn:a,fp:a\n", "expected the columns"),
      ("index,label,tp:a,fp:a,fn:a\n0,x,1,2\n", "row 2: expected an index, a name and 3 counts"),
      ("index,label,tp:a,fp:a,fn:a\n0,x,1,2,y\n", "row 2: expected"),
      ("index,label,tp:a,fp:a,fn:a\n0,x,1,2,3\n1,x,1,2,-3\n", "row 3: expected"),
    ])
  func refusesOtherTables(text: String, problem: String) {
    let failure = #expect(throws: Failure.self) { try ImageTable(csv: text, place: "t.csv") }
    #expect(failure?.status == .badData && failure?.place == "t.csv")
    #expect(failure?.problem.hasPrefix(problem) == true, "\(failure?.problem ?? "")")
  }
}
