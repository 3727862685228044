import SegCore
import SegData
import SegMetrics

/// The files of a data set in Cityscapes' own format, from which its official scores are computed: label
/// ids as stored, before any mapping, and instances beside them.
struct CityscapesFiles {
  /// Label id of each class of the network.
  let labelIds: [UInt8]
  /// Whether every label file has its instances; else no instance score is defined.
  let hasInstances: Bool
  /// Paths without what tells the files of one picture apart.
  private let stems: [String]

  /// Nil unless every label file is a `*_labelIds.png`, or a `*_labelTrainIds.png` with one beside it, and
  /// every class is a Cityscapes label by name.
  init?(_ dataset: any SegmentationDataset) {
    let stems = (0..<dataset.count).compactMap { index -> String? in
      let path = dataset.labelPath(at: index)
      let ending = ["_labelIds.png", "_labelTrainIds.png"].first { path.hasSuffix($0) }
      return ending.map { String(path.dropLast($0.count)) }
    }
    guard dataset.count > 0, stems.count == dataset.count,
      stems.allSatisfy({ FileSystem.kind(of: Self.labels($0)) != nil }),
      let ids = CityscapesLabel.ids(ofClasses: dataset.classes.map(\.name))
    else { return nil }
    self.stems = stems
    labelIds = ids
    hasInstances = stems.allSatisfy { FileSystem.kind(of: Self.instances($0)) != nil }
  }

  /// The label ids of picture `index`, `[height, width]`.
  func labels(at index: Int) throws -> LabelMap {
    try ImageFile.readLabels(Self.labels(stems[index]))
  }

  /// The numbered objects of picture `index`; nil where the data set has none.
  ///
  /// - Throws: `Failure` (bad data) unless it is a gray PNG of `labels`' size.
  func instances(at index: Int, like labels: LabelMap) throws -> InstanceMap? {
    guard hasInstances else { return nil }
    let path = Self.instances(stems[index])
    let instances = try InstanceMap.read(path)
    guard instances.height == labels.height, instances.width == labels.width else {
      throw Failure(
        .badData, path,
        "numbered objects are \(instances.width)x\(instances.height), their label is "
          + "\(labels.width)x\(labels.height)")
    }
    return instances
  }

  private static func labels(_ stem: String) -> String { stem + "_labelIds.png" }
  private static func instances(_ stem: String) -> String { stem + "_instanceIds.png" }
}
