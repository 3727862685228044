import Glibc
import SegCore

/// Logits and labels of a small batch in Double, for definitions of losses that are plain enough to be believed.
struct LossSample: Sendable {
  var images: Int
  var height: Int
  var width: Int
  var classes: Int
  /// `[N, H, W, C]`
  var logits: [Double]
  /// `[N, H, W]`
  var labels: [UInt8]
  var ignoreIndex = 255

  var pixels: Int { images * height * width }

  /// Pixels whose label is a class.
  var valid: [Int] {
    (0..<pixels).filter { labels[$0] != ignoreIndex && Int(labels[$0]) < classes }
  }

  func isValid(_ pixel: Int) -> Bool {
    labels[pixel] != ignoreIndex && Int(labels[pixel]) < classes
  }

  /// `softmax(z)` of one pixel.
  func probabilities(_ pixel: Int) -> [Double] {
    logProbabilities(pixel).map(exp)
  }

  func logProbabilities(_ pixel: Int) -> [Double] {
    let z = logits[pixel * classes..<(pixel + 1) * classes]
    let largest = z.max() ?? 0
    let logSum = log(z.map { exp($0 - largest) }.reduce(0, +))
    return z.map { $0 - largest - logSum }
  }

  /// `−log p` of the true class; 0 where there is none.
  func crossEntropy(_ pixel: Int) -> Double {
    isValid(pixel) ? -logProbabilities(pixel)[Int(labels[pixel])] : 0
  }

  /// Of the pixel's class, the given ones repeated where there are more classes; 1 without any.
  func weight(_ pixel: Int, _ weights: [Double]?) -> Double {
    weights.map { $0[Int(labels[pixel]) % $0.count] } ?? 1
  }

  /// The largest logit's class, the first of equals.
  func prediction(_ pixel: Int) -> Int {
    let z = Array(logits[pixel * classes..<(pixel + 1) * classes])
    return z.indices.max { (z[$0], -$0) < (z[$1], -$1) } ?? 0
  }
}

extension LossSample {
  /// Random logits and labels of every class, some pixels ignored, one class absent where there are four or more.
  static func random(
    images: Int = 2, height: Int = 5, width: Int = 7, classes: Int, scale: Double = 3,
    seed: UInt64 = 1
  ) -> LossSample {
    var random = CounterRNG(seed: seed, stream: 0)
    let pixels = images * height * width
    let present = classes >= 4 ? classes - 1 : classes
    return LossSample(
      images: images, height: height, width: width, classes: classes,
      // As floats, so that the loss under test and its definition read the same numbers.
      logits: (0..<pixels * classes).map { _ in
        Double(Float(scale * (2 * random.uniform() - 1)))
      },
      labels: (0..<pixels).map { _ in
        let draw = random.uniform()
        return draw < 0.15 ? 255 : UInt8(random.uniform() * Double(present))
      })
  }

  /// The batch of the published fixtures: `z[n,c,h,w] = 2·sin(1.3·(4n + 2h + w) + 1.7c + 0.3)`.
  static func fixture(_ labels: [UInt8]) -> LossSample {
    LossSample(
      images: 2, height: 2, width: 2, classes: 3,
      logits: (0..<8).flatMap { pixel in
        (0..<3).map { 2 * sin(1.3 * Double(pixel) + 1.7 * Double($0) + 0.3) }
      }, labels: labels)
  }
}
