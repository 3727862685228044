import Foundation
import SegCore
import SegMetrics

/// Two pictures of 2 x 2 pixels with 3 classes, whose losses and scores are known to ten digits
/// (computed in float64 with numpy): z[n, c, h, w] = 2 sin(1.3 (4n + 2h + w) + 1.7 c + 0.3).
enum Fixture {
  static let classes = 3
  static let targetA: [UInt8] = [0, 0, 1, 2, 0, 1, 0, 0]
  static let targetB: [UInt8] = [0, 255, 1, 2, 0, 1, 0, 0]

  /// `[pixels, classes]`.
  static let logits: [Double] = (0..<8).flatMap { pixel in
    (0..<3).map { 2 * sin(1.3 * Double(pixel) + 1.7 * Double($0) + 0.3) }
  }
}

func softmax(_ logits: ArraySlice<Double>) -> [Double] {
  let largest = logits.max() ?? 0
  let powers = logits.map { exp($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// The plain, slow way to everything that an `Evaluation` counts.
struct Reference {
  var confusion: ConfusionMatrix
  var pooled = CalibrationHistogram()
  var classwise: [CalibrationHistogram]
  var top = CalibrationHistogram()
  var crossEntropy = 0.0
  var brier = 0.0
  var valid = 0
  var prediction: [UInt8] = []
  var confidence: [Double] = []

  init(_ logits: [Double], _ labels: [UInt8], classes: Int, ignore: Int?) throws {
    confusion = ConfusionMatrix(classes: classes)
    classwise = Array(repeating: CalibrationHistogram(), count: classes)
    for pixel in labels.indices {
      let z = logits[pixel * classes..<(pixel + 1) * classes]
      let p = softmax(z)
      let largest = z.max() ?? 0
      let best = (z.firstIndex(of: largest) ?? z.startIndex) - z.startIndex
      prediction.append(UInt8(best))
      confidence.append(p[best])
      let label = Int(labels[pixel])
      if label == ignore { continue }
      valid += 1
      for (index, p) in p.enumerated() {
        pooled.add(probability: p, hit: index == label)
        classwise[index].add(probability: p, hit: index == label)
        brier += index == label ? (1 - p) * (1 - p) : p * p
      }
      top.add(probability: p[best], hit: best == label)
      let rest = z.reduce(0) { $0 + exp($1 - largest) }
      crossEntropy += log(rest) + largest - z[z.startIndex + label]
    }
    let predicted = prediction
    try confusion.add(prediction: predicted.span, labels: labels.span, ignoreIndex: ignore)
  }
}

/// Random labels in `0..<classes` with `ignored` in some places.
func randomLabels(_ count: Int, _ classes: Int, ignored: UInt8?, _ rng: inout CounterRNG) -> [UInt8]
{
  (0..<count).map { _ in
    if let ignored, rng.uniform() < 0.2 { return ignored }
    return UInt8(rng.integer(in: 0..<classes))
  }
}

func close(_ a: Double?, _ b: Double?, _ tolerance: Double) -> Bool {
  switch (a, b) {
  case (nil, nil): true
  case (let a?, let b?): abs(a - b) <= tolerance
  default: false
  }
}
