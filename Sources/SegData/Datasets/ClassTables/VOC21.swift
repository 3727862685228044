extension ClassTable {
  /// The 21 classes of PASCAL VOC's segmentation task; 255, the border of objects, is void.
  public static let voc21 = ClassTable(
    name: "voc21",
    classes: [
      "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair",
      "cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa",
      "train", "tvmonitor",
    ].enumerated().map { ClassInfo($1, ClassColors.spread($0)) },
    labelMap: [LabelMapping(stored: 255, target: .ignore)])
}
