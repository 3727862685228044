import SegCore

/// A made-up street scene: coloured cells, waves and noise, with the cells' classes as labels.
///
/// `scene` in `scripts/golden/formula.py` states the formula; this is the same in the same order.
public struct GoldenScene: Sendable {
  public var height: Int
  public var width: Int
  /// `[3, H, W]`, normalised.
  public var image: [Float]
  /// `[H, W]`, 255 ignored.
  public var label: [UInt8]

  private static let cells = 20

  private struct Cell {
    var y, x: Double
    var label: Int
    var weight: Double
  }

  private struct Wave {
    var fx, fy, phase, amplitude: Double

    func value(_ x: Double, _ y: Double) -> Double {
      let t = (fx * x + fy * y) + phase
      let turn = 2 * (t - t.rounded(.down)) - 1
      return amplitude * (4 * turn * (1 - abs(turn)))
    }
  }

  public init(_ number: Int, height: Int, width: Int) {
    self.height = height
    self.width = width
    let cells = Self.drawCells(number, height, width)
    let waves = Self.drawWaves(number)
    var colours = GoldenFormula.stream("scene.colours")
    let colour = (0..<3 * GoldenFormula.classes).map { _ in 1.5 * (2 * colours.uniform() - 1) }

    var classes = [Int](repeating: 0, count: height * width)
    label = [UInt8](repeating: 0, count: height * width)
    for y in 0..<height {
      for x in 0..<width {
        let cell = Self.nearest(cells, Double(y) + 0.5, Double(x) + 0.5)
        classes[y * width + x] = cells[cell].label
        label[y * width + x] = UInt8(cell == 0 ? GoldenFormula.ignoreIndex : cells[cell].label)
      }
    }

    var noise = GoldenFormula.stream("scene.noise", step: number)
    image = []
    image.reserveCapacity(3 * height * width)
    for c in 0..<3 {
      for y in 0..<height {
        let py = (Double(y) + 0.5) / Double(height)
        for x in 0..<width {
          let px = (Double(x) + 0.5) / Double(width)
          var value = colour[classes[y * width + x] * 3 + c]
          for wave in waves[c] { value += wave.value(px, py) }
          image.append(Float(value + 0.3 * (2 * noise.uniform() - 1)))
        }
      }
    }
  }

  private static func drawCells(_ number: Int, _ height: Int, _ width: Int) -> [Cell] {
    var rng = GoldenFormula.stream("scene.cells", step: number)
    return (0..<cells).map { _ in
      let y = rng.uniform() * Double(height)
      let x = rng.uniform() * Double(width)
      let u = rng.uniform()
      let label = Int(Double(GoldenFormula.classes) * u * u)
      return Cell(y: y, x: x, label: label, weight: 0.7 + 0.6 * rng.uniform())
    }
  }

  /// Two waves for each of the three channels.
  private static func drawWaves(_ number: Int) -> [[Wave]] {
    var rng = GoldenFormula.stream("scene.waves", step: number)
    return (0..<3).map { _ in
      (0..<2).map { _ in
        let fx = 1 + 3 * rng.uniform()
        let fy = 1 + 3 * rng.uniform()
        let phase = rng.uniform()
        return Wave(fx: fx, fy: fy, phase: phase, amplitude: 0.2 + 0.3 * rng.uniform())
      }
    }
  }

  private static func nearest(_ cells: [Cell], _ y: Double, _ x: Double) -> Int {
    var best = (distance: Double.infinity, cell: 0)
    for (index, cell) in cells.enumerated() {
      let dy = y - cell.y
      let dx = x - cell.x
      let distance = (dy * dy + dx * dx) * cell.weight
      if distance < best.distance { best = (distance, index) }
    }
    return best.cell
  }
}

/// The pictures of one step of a golden run.
public struct GoldenBatch: Sendable {
  public var count: Int
  public var height: Int
  public var width: Int
  /// `[N, 3, H, W]`.
  public var images: [Float]
  /// `[N, H, W]`, 255 ignored.
  public var labels: [UInt8]

  /// Scenes `first..<first + count`; the pixels at `ignoring` (positions in `[N, H, W]`) get label 255 too.
  public init(first: Int, count: Int, height: Int, width: Int, ignoring: [Int] = []) {
    self.count = count
    self.height = height
    self.width = width
    let scenes = (first..<first + count).map { GoldenScene($0, height: height, width: width) }
    images = scenes.flatMap(\.image)
    labels = scenes.flatMap(\.label)
    for position in ignoring { labels[position] = UInt8(GoldenFormula.ignoreIndex) }
  }

  /// The images as `[N, H, W, 3]`.
  public var imagesChannelsLast: [Float] {
    GoldenLayout.channelsLast(images, count, channels: 3, pixels: height * width)
  }
}

/// Between the goldens' `[N, C, H, W]` and the engine's `[N, H, W, C]`.
public enum GoldenLayout {
  /// `[N, C, pixels]` to `[N, pixels, C]`.
  public static func channelsLast(_ values: [Float], _ count: Int, channels: Int, pixels: Int)
    -> [Float]
  {
    transposed(values, count, rows: channels, columns: pixels)
  }

  /// `[N, pixels, C]` to `[N, C, pixels]`: the order in which goldens number the logits.
  public static func channelsFirst(_ values: [Float], _ count: Int, channels: Int, pixels: Int)
    -> [Float]
  {
    transposed(values, count, rows: pixels, columns: channels)
  }

  private static func transposed(_ values: [Float], _ count: Int, rows: Int, columns: Int)
    -> [Float]
  {
    var result = [Float](repeating: 0, count: values.count)
    for n in 0..<count {
      let base = n * rows * columns
      for row in 0..<rows {
        for column in 0..<columns {
          result[base + column * rows + row] = values[base + row * columns + column]
        }
      }
    }
    return result
  }
}
