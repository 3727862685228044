public import SegCore

/// What the official Cityscapes evaluator counts (cityscapesScripts,
/// `evaluation/evalPixelLevelSemanticLabeling.py`): a confusion matrix over label ids, and the right and
/// missed pixels of objects, each scaled so that an object counts as much as one of its class's mean size.
///
/// Scaled counts are added in the order of pictures and, within one, of instance ids, as the evaluator
/// does, which makes all scores equal to the last bit.
public struct CityscapesEvaluation: Sendable, Equatable {
  /// Scaled pixels of objects.
  struct Scaled: Sendable, Equatable {
    var truePositives = 0.0
    var falseNegatives = 0.0
  }

  static let labels = CityscapesLabel.all.count
  /// Instance ids are `1000 * label id + number`; up to this value a pixel belongs to no single object.
  static let firstInstance = 1000

  /// Over label ids, ignored ones included.
  public private(set) var confusion = ConfusionMatrix(classes: Self.labels)
  /// By label id, of the predicted label itself.
  private(set) var classObjects = [Scaled](repeating: Scaled(), count: Self.labels)
  /// By category, of any label of the same category.
  private(set) var categoryObjects: [CityscapesLabel.Category: Scaled] = [:]
  /// Whether pictures come with instances; without, no instance score is defined.
  public let scoresInstances: Bool

  public init(scoresInstances: Bool) {
    self.scoresInstances = scoresInstances
  }

  /// Counts from elsewhere, e.g. from the evaluator's own result file.
  public init(confusion: ConfusionMatrix) {
    precondition(confusion.classes == Self.labels, "a matrix over all \(Self.labels) label ids")
    self.confusion = confusion
    scoresInstances = false
  }

  /// Counts one picture; everything is `[pixels]` at the size of the label file.
  ///
  /// - Parameters:
  ///   - prediction: label ids, 0 to 33.
  ///   - labels: those of `*_labelIds.png`.
  ///   - instances: those of `*_instanceIds.png`; needed where ``scoresInstances``.
  ///   - place: what an error names, e.g. the label's file.
  /// - Throws: `Failure` (bad data) when lengths differ or a value is no label id or no object; nothing
  ///   is then counted.
  public mutating func add(
    prediction: Span<UInt8>, labels: Span<UInt8>, instances: Span<UInt16>? = nil,
    place: String = ""
  ) throws(Failure) {
    var objects: [Object] = []
    if scoresInstances {
      guard let instances, instances.count == labels.count else {
        throw Failure(
          .badData, place,
          "expected as many instance ids as labels, found \(instances?.count ?? 0) and "
            + "\(labels.count)",
          hint: "*_instanceIds.png has to lie beside *_labelIds.png and to have its size")
      }
      guard prediction.count == labels.count else {
        throw Failure(
          .badData, place,
          "expected as many predicted pixels as labels, found \(prediction.count) and "
            + "\(labels.count)")
      }
      objects = try Self.objects(prediction, instances, place)
    }
    try confusion.add(prediction: prediction, labels: labels, ignoreIndex: nil, place: place)
    for object in objects { add(object) }
  }

  /// One object of a picture: its pixels, those predicted as its label and as its category.
  private struct Object {
    var label: CityscapesLabel
    var meanSize: Double
    var pixels, right, rightCategory: Int
  }

  private static func objects(
    _ prediction: Span<UInt8>, _ instances: Span<UInt16>, _ place: String
  ) throws(Failure) -> [Object] {
    var pixels = [Int](repeating: 0, count: 1 << 16)
    var right = pixels
    var rightCategory = pixels
    let categories = CityscapesLabel.all.map(\.category)
    for pixel in 0..<instances.count {
      let instance = Int(instances[pixel])
      if instance <= firstInstance { continue }
      let (truth, predicted) = (instance / firstInstance, Int(prediction[pixel]))
      guard truth < labels, predicted < labels else {
        throw Failure(
          .badData, place,
          "expected instance ids below \(labels * firstInstance) and predicted labels below "
            + "\(labels), found \(instance) and \(predicted) at pixel \(pixel)")
      }
      pixels[instance] += 1
      right[instance] += predicted == truth ? 1 : 0
      rightCategory[instance] += categories[predicted] == categories[truth] ? 1 : 0
    }
    var objects: [Object] = []
    for instance in pixels.indices where pixels[instance] > 0 {
      let label = CityscapesLabel.all[instance / firstInstance]
      if label.isIgnored { continue }
      guard let meanSize = label.meanInstanceSize else {
        throw Failure(
          .badData, place, "expected no single objects of \(label.name), found instance \(instance)"
        )
      }
      objects.append(
        Object(
          label: label, meanSize: meanSize, pixels: pixels[instance], right: right[instance],
          rightCategory: rightCategory[instance]))
    }
    return objects
  }

  private mutating func add(_ object: Object) {
    let weight = object.meanSize / Double(object.pixels)
    classObjects[object.label.id].add(object.right, of: object.pixels, weight)
    if CityscapesScores.instanceCategories.contains(object.label.category) {
      categoryObjects[object.label.category, default: Scaled()].add(
        object.rightCategory, of: object.pixels, weight)
    }
  }
}

extension CityscapesEvaluation.Scaled {
  fileprivate mutating func add(_ right: Int, of pixels: Int, _ weight: Double) {
    truePositives += Double(right) * weight
    falseNegatives += Double(pixels - right) * weight
  }
}
