import SegCore
import SegLosses
import Testing

/// What holds for every loss, whatever it computes.
@Suite struct LossPropertyTests {
  static let classCounts = [2, 3, 5, 19]

  @Test(arguments: lossCases)
  func followsItsDefinition(_ loss: LossCase) throws {
    for classes in Self.classCounts {
      let sample = LossSample.random(classes: classes)
      let expected = loss.definition(sample, sample)
      let found = try LossRun(loss, sample).value
      #expect(abs(found - expected) <= 1e-6 * max(abs(expected), 0.1), "\(classes) classes")
    }
  }

  @Test(arguments: lossCases)
  func gradientsAreSlopes(_ loss: LossCase) throws {
    let step = 1e-5
    for classes in [2, 5] {
      let sample = LossSample.random(height: 3, width: 4, classes: classes, seed: 7)
      let found = try LossRun(loss, sample).gradient
      let slopes = sample.logits.indices.map { index in
        var up = sample
        var down = sample
        up.logits[index] += step
        down.logits[index] -= step
        return (loss.definition(up, sample) - loss.definition(down, sample)) / (2 * step)
      }
      let scale = slopes.map { abs($0) }.max() ?? 0
      for (index, pair) in zip(found, slopes).enumerated() {
        #expect(
          abs(pair.0 - pair.1) <= 2e-6 * scale + 1e-9,
          "logit \(index) of \(classes) classes: \(pair)")
      }
    }
  }

  @Test(arguments: lossCases.filter { !$0.readsIgnored })
  func ignoredPixelsChangeNothing(_ loss: LossCase) throws {
    let sample = LossSample.random(classes: 5)
    var other = sample
    for pixel in 0..<sample.pixels where !sample.isValid(pixel) {
      for channel in 0..<5 { other.logits[pixel * 5 + channel] = Double(channel * 7 - pixel) }
    }
    let runs = try [sample, other].map { try LossRun(loss, $0) }
    #expect(runs[0].value == runs[1].value)
    #expect(runs[0].gradient == runs[1].gradient)
    for pixel in 0..<sample.pixels where !sample.isValid(pixel) {
      #expect(runs[0].gradient[pixel * 5..<pixel * 5 + 5].allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: lossCases)
  func nothingButIgnoredPixelsIsFinite(_ loss: LossCase) throws {
    var sample = LossSample.random(classes: 4)
    sample.labels = sample.labels.map { _ in 255 }
    let run = try LossRun(loss, sample)
    #expect(abs(run.value - loss.valueOfNothing) < 1e-6)
    if !loss.readsIgnored { #expect(run.gradient.allSatisfy { $0 == 0 }) }
    #expect(run.gradient.allSatisfy { $0.isFinite })
  }

  @Test(arguments: lossCases)
  func hugeLogitsStayFinite(_ loss: LossCase) throws {
    for scale in [1e4, -1e4] {
      var sample = LossSample.random(classes: 4, scale: 1)
      sample.logits = sample.logits.map { $0 > 0 ? scale : -scale }
      let run = try LossRun(loss, sample)
      #expect(run.value.isFinite)
      #expect(run.gradient.allSatisfy { $0.isFinite })
    }
  }

  /// Naming the classes otherwise changes the gradient's order and nothing else.
  @Test(arguments: lossCases)
  func classesCanBePermuted(_ loss: LossCase) throws {
    let sample = LossSample.random(classes: 5)
    let order = [3, 0, 4, 1, 2]  // new class of each old one
    var other = sample
    other.labels = sample.labels.map { $0 < 5 ? UInt8(order[Int($0)]) : $0 }
    for pixel in 0..<sample.pixels {
      for channel in 0..<5 {
        other.logits[pixel * 5 + order[channel]] = sample.logits[pixel * 5 + channel]
      }
    }
    var moved = loss
    moved.classWeights = loss.weights(5).map { weights in
      (0..<5).map { new in weights[order.firstIndex(of: new) ?? 0] }
    }
    moved.classCounts = loss.counts(5).map { counts in
      (0..<5).map { new in counts[order.firstIndex(of: new) ?? 0] }
    }
    let runs = try (LossRun(loss, sample), LossRun(moved, other))
    #expect(abs(runs.0.value - runs.1.value) <= 1e-6 * max(abs(runs.0.value), 0.1))
    let scale = runs.0.gradient.map { abs($0) }.max() ?? 0
    for pixel in 0..<sample.pixels {
      for channel in 0..<5 {
        let pair = (
          runs.0.gradient[pixel * 5 + channel], runs.1.gradient[pixel * 5 + order[channel]]
        )
        #expect(abs(pair.0 - pair.1) <= 1e-5 * scale, "\(pair)")
      }
    }
  }

  @Test(arguments: lossCases.filter(\.isSymmetric))
  func pixelsCanBePermuted(_ loss: LossCase) throws {
    let sample = LossSample.random(classes: 5)
    let perImage = sample.height * sample.width
    var other = sample
    for pixel in 0..<sample.pixels {
      // 35 pixels an image; 3 has no factor in common with it.
      let from = pixel / perImage * perImage + pixel % perImage * 3 % perImage
      other.labels[pixel] = sample.labels[from]
      for channel in 0..<5 {
        other.logits[pixel * 5 + channel] = sample.logits[from * 5 + channel]
      }
    }
    let values = try [sample, other].map { try LossRun(loss, $0).value }
    #expect(abs(values[0] - values[1]) <= 1e-6 * max(abs(values[0]), 0.1))
  }

  @Test(arguments: lossCases)
  func threadsDoNotMatter(_ loss: LossCase) throws {
    let sample = LossSample.random(height: 67, width: 71, classes: 5)
    let runs = try [1, 2, 3, 5].map { try LossRun(loss, sample, threads: $0) }
    for run in runs.dropFirst() {
      #expect(run.value.bitPattern == runs[0].value.bitPattern)
      #expect(run.gradient == runs[0].gradient)
    }
  }
}
