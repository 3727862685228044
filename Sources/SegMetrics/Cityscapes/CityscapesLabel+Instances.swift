internal import SegCore

extension CityscapesLabel {
  /// Mean pixels of an object over the training set, by which the evaluator scales instances.
  var meanInstanceSize: Double? { Self.meanInstanceSizes[name] }

  private static let meanInstanceSizes = [
    "person": 3462.4756337644, "rider": 3930.4788056518, "car": 12794.0202738185,
    "truck": 27855.1264367816, "bus": 35732.1511111111, "caravan": 36771.8241758242,
    "trailer": 16926.9763313609, "train": 67583.7075812274, "motorcycle": 6298.7200839748,
    "bicycle": 4672.3249222261,
  ]
}
