import SegCore
import SegEngine
import SegTestSupport

/// Shares of pixels in a loss, naively in Double: `[loss, shares]` of losses, labels and class weights.
struct PixelReductionReference {
  let losses, labels, weights: [Double]
  let shape: Shape
  let ignoreIndex: Int

  init(_ inputs: [Reference], ignoreIndex: Int = 255) {
    losses = inputs[0].values
    labels = inputs[1].values
    weights = inputs[2].values
    shape = inputs[0].shape
    self.ignoreIndex = ignoreIndex
  }

  var valid: [Int] {
    losses.indices.filter { Int(labels[$0]) != ignoreIndex && Int(labels[$0]) < weights.count }
  }

  func weight(_ pixel: Int) -> Double { weights[Int(labels[pixel])] }

  /// As the kernel ranks it: a product of floats.
  func rank(_ pixel: Int) -> Float { Float(weight(pixel)) * Float(losses[pixel]) }

  /// - Parameter shares: of the pixels that have one.
  func outputs(_ shares: [(pixel: Int, share: Double)]) -> [Reference] {
    var all = Reference(zeros: shape)
    for (pixel, share) in shares { all.values[pixel] = share }
    let loss = shares.map { losses[$0.pixel] * $0.share }.reduce(0, +)
    return [Reference([1], [loss]), all]
  }

  func mean(_ normalization: PixelCrossEntropy.Normalization, gamma: Double) -> [Reference] {
    let pixels = valid
    let factors = pixels.map { pixel in
      let miss = 1 - exponential(-losses[pixel])
      return weight(pixel) * (gamma == 0 ? 1 : exponential(gamma * naturalLogarithm(miss)))
    }
    let divisor =
      switch normalization {
      case .validPixels: Double(pixels.count)
      case .allPixels: Double(losses.count)
      case .sumOfWeights: factors.reduce(0, +)
      }
    return outputs(zip(pixels, factors).map { ($0, divisor > 0 ? $1 / divisor : 0) })
  }

  func top(_ fraction: Double) -> [Reference] {
    let pixels = valid
    let count = max(1, Int(fraction * Double(pixels.count)))
    var ranked: [(rank: Float, pixel: Int)] = pixels.map { (rank($0), $0) }
    ranked.sort { $0.rank > $1.rank || ($0.rank == $1.rank && $0.pixel < $1.pixel) }
    return outputs(ranked.prefix(count).map { ($0.pixel, weight($0.pixel) / Double(count)) })
  }

  func above(_ limit: Double, kept: Int) -> [Reference] {
    let pixels = valid
    let sorted = pixels.map { losses[$0] }.sorted(by: >)
    guard let last = sorted.last else { return outputs([]) }
    let limit = min(Double(Float(limit)), kept < sorted.count ? sorted[kept] : last)
    let chosen = pixels.filter { losses[$0] > limit }
    return outputs(chosen.map { ($0, weight($0) / Double(chosen.count)) })
  }

  func rows(_ wanted: Int) -> [Reference] {
    let (rows, width) = (shape[0] * shape[1], shape[2])
    let isValid = Set(valid)
    let count = min(wanted, width)
    var shares: [(pixel: Int, share: Double)] = []
    for row in 0..<rows {
      var ranked: [(rank: Float, pixel: Int)] = []
      for pixel in row * width..<(row + 1) * width {
        ranked.append((isValid.contains(pixel) ? rank(pixel) : 0, pixel))
      }
      ranked.sort { $0.rank > $1.rank || ($0.rank == $1.rank && $0.pixel < $1.pixel) }
      for (_, pixel) in ranked.prefix(count) where isValid.contains(pixel) {
        shares.append((pixel, weight(pixel) / Double(rows * count)))
      }
    }
    return outputs(shares)
  }

  /// Loss max-pooling by a walk over the sorted losses.
  func maxPooled(_ p: Double, _ ratio: Double) -> [Reference] {
    let pixels = valid.map { (losses[$0], $0) }.sorted { $0 < $1 }
    guard let largest = pixels.last?.0, largest > 0, ratio < 1 else {
      return outputs(pixels.map { ($0.1, 1 / Double(pixels.count)) })
    }
    let (q, m) = (p / (p - 1), ratio * Double(pixels.count))
    var (sum, room, count) = (0.0, m - Double(pixels.count), 0)
    for (loss, _) in pixels {
      let x = power(loss / largest, q)
      if room * x > sum { break }
      sum += x
      room += 1
      count += 1
    }
    let alpha = largest * power(sum / room, 1 / q)
    let tau = power(Double(pixels.count), -1 / q) * power(m, -1 / p)
    return outputs(
      pixels.enumerated().map { rank, pixel in
        (pixel.1, rank < count ? tau * power(pixel.0 / alpha, q - 1) : tau)
      })
  }

  func rescaled(_ p: Double, _ ratio: Double) -> [Reference] {
    let isValid = Set(valid)
    let all = losses.indices.map { isValid.contains($0) ? losses[$0] : 0 }
    let (n, q) = (Double(all.count), p / (p - 1))
    let alpha = all.sorted(by: >)[min(Int(ratio * n), all.count - 1)]
    let tau = power(n, -1 / q) * power(ratio * n, -1 / p)
    return outputs(
      valid.map { pixel in
        let share =
          all[pixel] > alpha ? 1 : alpha > 0 ? power(all[pixel] / alpha, q - 1) : 0
        return (pixel, tau * share / 2)
      })
  }

  private func power(_ x: Double, _ y: Double) -> Double {
    x == 0 ? 0 : exponential(y * naturalLogarithm(x))
  }
}
