import SegCore
import SegMetrics
import Testing

@Suite struct ConfusionMatrixTests {
  @Test func countsByTruthAndPrediction() throws {
    var matrix = ConfusionMatrix(classes: 3)
    let labels: [UInt8] = [0, 0, 1, 255, 2, 2]
    let prediction: [UInt8] = [0, 1, 1, 2, 0, 0]
    try matrix.add(prediction: prediction.span, labels: labels.span, ignoreIndex: 255)
    #expect(matrix == ConfusionMatrix(rows: [[1, 1, 0], [0, 1, 0], [2, 0, 0]]))
    #expect(matrix.total == 5)
    #expect(matrix[truth: 2, prediction: 0] == 2)
    #expect((0..<3).map(matrix.truePixels) == [2, 1, 2])
    #expect((0..<3).map(matrix.predictedPixels) == [3, 2, 0])
  }

  @Test func mergingIsCountingTogether() throws {
    var rng = CounterRNG(seed: 1, stream: 2)
    let labels = randomLabels(500, 5, ignored: 9, &rng)
    let prediction = randomLabels(500, 5, ignored: nil, &rng)
    var whole = ConfusionMatrix(classes: 5)
    try whole.add(prediction: prediction.span, labels: labels.span, ignoreIndex: 9)
    var parts = ConfusionMatrix(classes: 5)
    for range in [123..<500, 0..<123] {
      var part = ConfusionMatrix(classes: 5)
      try part.add(
        prediction: Array(prediction[range]).span, labels: Array(labels[range]).span,
        ignoreIndex: 9)
      parts.merge(part)
    }
    #expect(parts == whole)
  }

  @Test func anIgnoredClassIsNotCounted() throws {
    var matrix = ConfusionMatrix(classes: 2)
    try matrix.add(prediction: [0, 1, 1].span, labels: [0, 0, 1].span, ignoreIndex: 0)
    #expect(matrix == ConfusionMatrix(rows: [[0, 0], [0, 1]]))
  }

  @Test(
    arguments: [
      (
        [0, 7], [0, 0],
        "val/a.png: expected labels in 0...2 or the ignored 255, found 7 at pixel 1"
      ),
      ([0, 1], [0, 3], "val/a.png: expected predicted classes in 0...2, found 3 at pixel 1"),
      ([0, 1], [0], "val/a.png: expected as many predicted pixels as labels, found 1 and 2"),
    ] as [([UInt8], [UInt8], String)])
  func refusesWhatIsNoClass(labels: [UInt8], prediction: [UInt8], text: String) throws {
    var matrix = ConfusionMatrix(classes: 3)
    let failure = #expect(throws: Failure.self) {
      try matrix.add(
        prediction: prediction.span, labels: labels.span, ignoreIndex: 255, place: "val/a.png")
    }
    #expect(failure?.status == .badData)
    #expect(failure?.description.hasPrefix(text) == true)
    #expect(matrix.total == 0)
  }
}
