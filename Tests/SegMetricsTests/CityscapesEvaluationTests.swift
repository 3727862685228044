import SegCore
import SegMetrics
import Testing

@Suite struct CityscapesEvaluationTests {
  private let road: UInt8 = 7
  private let parking: UInt8 = 9
  private let car: UInt8 = 26
  private let truck: UInt8 = 27
  private let caravan: UInt8 = 29

  /// Two cars, one of 4 pixels with 3 right, one of 1 pixel taken for a truck; 5 pixels of road, one taken
  /// for a car; one pixel of parking, which is ignored, taken for a car.
  @Test func objectsCountByTheirClassesMeanSize() throws {
    var evaluation = CityscapesEvaluation(scoresInstances: true)
    let labels = [car, car, car, car, car, road, road, road, road, road, parking]
    let instances: [UInt16] = [26001, 26001, 26001, 26001, 26002, 7, 7, 7, 7, 7, 9]
    let prediction = [car, car, car, road, truck, car, road, road, road, road, car]
    try evaluation.add(
      prediction: prediction.span, labels: labels.span, instances: instances.span)
    let scores = evaluation.scores
    let size = 12794.0202738185
    #expect(scores.classes[Int(car)] == 3 / 6.0)
    #expect(scores.classes[Int(road)] == 4 / 6.0)
    #expect(scores.classes[Int(truck)] == 0)
    #expect(scores.classes[Int(parking)] == nil && scores.classes[Int(caravan)] == nil)
    #expect(close(scores.classInstances[Int(car)], 0.75 * size / (2 * size + 1), 1e-15))
    // A truck is predicted, on a true car: no pixel of its own, one that is wrong.
    #expect(scores.classInstances[Int(truck)] == 0)
    #expect(scores.classInstances[Int(road)] == nil)
    let vehicle = 7
    #expect(scores.categories[vehicle] == 4 / 6.0)
    #expect(close(scores.categoryInstances[vehicle], 1.75 * size / (2 * size + 1), 1e-15))
    #expect(scores.categories[0] == nil && scores.categoryInstances[6] == nil)
    #expect(close(scores.meanClasses, (0.5 + 4 / 6.0 + 0) / 3, 1e-15))
    #expect(evaluation.confusion.total == 11)
  }

  /// Pixels of a crowd that is not told apart have the label's id alone.
  @Test func aCrowdIsNoObject() throws {
    var evaluation = CityscapesEvaluation(scoresInstances: true)
    try evaluation.add(
      prediction: [car, road].span, labels: [car, car].span, instances: [26, 26].span)
    #expect(evaluation.scores.classes[Int(car)] == 0.5)
    #expect(evaluation.scores.classInstances[Int(car)] == nil)
  }

  @Test func withoutInstancesOnlyPixelsAreScored() throws {
    var evaluation = CityscapesEvaluation(scoresInstances: false)
    try evaluation.add(prediction: [car, road].span, labels: [car, car].span)
    #expect(evaluation.scores.classes[Int(car)] == 0.5)
    #expect(evaluation.scores.meanClassInstances == nil)
    #expect(evaluation.officialJSON.contains("\"averageScoreInstClasses\": NaN"))
  }

  @Test func nothingCounted() {
    let scores = CityscapesEvaluation(scoresInstances: true).scores
    #expect(scores.meanClasses == nil && scores.meanCategories == nil)
    #expect(scores.meanClassInstances == nil && scores.meanCategoryInstances == nil)
  }

  @Test(
    arguments: [
      ([26], [26], nil, "expected as many instance ids as labels, found 0 and 1"),
      ([26, 7], [26], [26001], "expected as many predicted pixels as labels, found 2 and 1"),
      (
        [26], [26], [34000],
        "expected instance ids below 34000 and predicted labels below 34, found 34000 and 26 at pixel 0"
      ),
      ([26], [26], [7001], "expected no single objects of road, found instance 7001"),
      ([40], [26], [26], "expected predicted classes in 0...33, found 40 at pixel 0"),
      ([26], [99], [26], "expected labels in 0...33, found 99 at pixel 0"),
    ] as [([UInt8], [UInt8], [UInt16]?, String)])
  func refuses(prediction: [UInt8], labels: [UInt8], instances: [UInt16]?, text: String) {
    var evaluation = CityscapesEvaluation(scoresInstances: true)
    let failure = #expect(throws: Failure.self) {
      if let instances {
        try evaluation.add(
          prediction: prediction.span, labels: labels.span, instances: instances.span,
          place: "a.png")
      } else {
        try evaluation.add(prediction: prediction.span, labels: labels.span, place: "a.png")
      }
    }
    #expect(failure?.status == .badData && failure?.place == "a.png")
    #expect(failure?.problem == text)
    #expect(evaluation == CityscapesEvaluation(scoresInstances: true))
  }

  @Test func classNamesBecomeLabelIds() {
    #expect(CityscapesLabel.ids(ofClasses: ["road", "bicycle"]) == [7, 33])
    #expect(CityscapesLabel.ids(ofClasses: ["road", "Bicycle"]) == nil)
    #expect(CityscapesLabel.ids(ofClasses: ["road", "road"]) == nil)
    #expect(CityscapesLabel.ids(ofClasses: CityscapesLabel.all.map(\.name))?.count == 34)
  }
}
