import SegCore

/// Smooth and rough noise from a table of random numbers that repeats every 64 cells.
struct StreetNoise {
  private let table: [Float]
  private static let side = 64

  init(random: inout CounterRNG) {
    table = (0..<Self.side * Self.side).map { _ in Float(random.uniform()) }
  }

  /// The random number of a cell, in `[0, 1)`.
  func cell(_ column: Int, _ row: Int) -> Float {
    table[(row & (Self.side - 1)) * Self.side + (column & (Self.side - 1))]
  }

  /// Interpolated between cells of size 1, in `[0, 1)`.
  func smooth(_ x: Double, _ y: Double) -> Float {
    let (fx, fy) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int(fx), Int(fy))
    var (u, v) = (Float(x - fx), Float(y - fy))
    u = u * u * (3 - 2 * u)
    v = v * v * (3 - 2 * v)
    let (a, b) = (cell(column, row), cell(column + 1, row))
    let (c, d) = (cell(column, row + 1), cell(column + 1, row + 1))
    return (a + (b - a) * u) * (1 - v) + (c + (d - c) * u) * v
  }

  /// Three octaves of `smooth`, in `[0, 1)`.
  func fractal(_ x: Double, _ y: Double) -> Float {
    (4 * smooth(x, y) + 2 * smooth(2 * x + 17.3, 2 * y + 5.1) + smooth(4 * x + 3.7, 4 * y + 29.9))
      / 7
  }
}
