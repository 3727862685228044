/// A picture under construction, with two samples a pixel in each direction.
///
/// Every sample keeps a colour and the number of the object it shows; painting goes from far to near,
/// so that a higher number is always nearer.
struct StreetCanvas {
  /// Samples a pixel along one axis.
  static let density = 2

  /// Size in output pixels.
  let width: Int
  let height: Int
  /// `[height * density, width * density]`.
  private(set) var colors: [StreetColor]
  /// `[height * density, width * density]`, indices into `classes`.
  private(set) var objects: [UInt16]
  /// Class of each object.
  private(set) var classes: [StreetClass] = []
  /// Whether the pixels just outside an object are ignored.
  private(set) var bordered: [Bool] = []

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    let samples = width * height * Self.density * Self.density
    colors = [StreetColor](repeating: .zero, count: samples)
    objects = [UInt16](repeating: 0, count: samples)
  }

  /// Opens an object; what is painted with its number carries its class.
  mutating func object(_ kind: StreetClass, bordered border: Bool = false) -> UInt16 {
    classes.append(kind)
    bordered.append(border)
    return UInt16(classes.count - 1)
  }

  /// Paints the inside of a polygon (even-odd rule).
  ///
  /// - Parameters:
  ///   - object: Number to leave in the samples; nil keeps what is there (a shadow on the road).
  ///   - shader: From a place in output pixels and the colour below to the new colour; nil leaves
  ///     the sample alone.
  @inline(__always)
  mutating func fill(
    _ polygon: [StreetPoint], as object: UInt16?,
    _ shader: (StreetPoint, StreetColor) -> StreetColor?
  ) {
    guard polygon.count > 2 else { return }
    let step = 1 / Double(Self.density)
    let ys = polygon.map(\.y)
    let rows = samples(ys.min() ?? 0, ys.max() ?? 0, limit: height)
    var crossings: [Double] = []
    for row in rows {
      let y = (Double(row) + 0.5) * step
      crossings.removeAll(keepingCapacity: true)
      var a = polygon[polygon.count - 1]
      for b in polygon {
        if (a.y <= y) != (b.y <= y) {
          crossings.append(a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y))
        }
        a = b
      }
      crossings.sort()
      var pair = 0
      while pair + 1 < crossings.count {
        paint(row, samples(crossings[pair], crossings[pair + 1], limit: width), object, shader)
        pair += 2
      }
    }
  }

  /// Paints the inside of an ellipse with axes along the picture's.
  @inline(__always)
  mutating func fill(
    ellipse center: StreetPoint, radii: StreetPoint, as object: UInt16?,
    _ shader: (StreetPoint, StreetColor) -> StreetColor?
  ) {
    for row in samples(center.y - radii.y, center.y + radii.y, limit: height) {
      let v = ((Double(row) + 0.5) / Double(Self.density) - center.y) / radii.y
      let half = radii.x * max(0, 1 - v * v).squareRoot()
      paint(row, samples(center.x - half, center.x + half, limit: width), object, shader)
    }
  }

  /// Paints a straight stroke, at least half a pixel wide.
  mutating func stroke(
    _ a: StreetPoint, _ b: StreetPoint, width: Double, as object: UInt16?, _ color: StreetColor
  ) {
    let d = b - a
    let length = (d * d).sum().squareRoot()
    guard length > 1e-6 else { return }
    let n = StreetPoint(-d.y, d.x) / length * max(width, 0.56) / 2
    fill([a + n, b + n, b - n, a - n], as: object) { _, _ in color }
  }

  /// Paints a polygon in one colour.
  mutating func fill(_ polygon: [StreetPoint], as object: UInt16?, color: StreetColor) {
    fill(polygon, as: object) { _, _ in color }
  }

  /// The samples whose centres lie in `low ..< high`.
  private func samples(_ low: Double, _ high: Double, limit: Int) -> Range<Int> {
    let end = Double(limit * Self.density)
    let first = (low * Double(Self.density) - 0.5).rounded(.up)
    let last = (high * Double(Self.density) - 0.5).rounded(.up)
    let from = Int(min(max(first, 0), end))
    return from..<max(from, Int(min(max(last, 0), end)))
  }

  @inline(__always)
  private mutating func paint(
    _ row: Int, _ columns: Range<Int>, _ object: UInt16?,
    _ shader: (StreetPoint, StreetColor) -> StreetColor?
  ) {
    let step = 1 / Double(Self.density)
    let y = (Double(row) + 0.5) * step
    let base = row * width * Self.density
    for column in columns {
      let point = StreetPoint((Double(column) + 0.5) * step, y)
      guard let color = shader(point, colors[base + column]) else { continue }
      colors[base + column] = color
      if let object { objects[base + column] = object }
    }
  }
}
