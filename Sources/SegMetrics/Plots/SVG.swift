/// A small SVG picture, written shape by shape; all text is escaped.
struct SVG {
  enum Anchor: String { case start, middle, end }

  private let width: Double
  private let height: Double
  private var body = ""

  /// An empty white picture; lengths are in pixels, the origin is the upper left corner.
  init(width: Double, height: Double) {
    self.width = width
    self.height = height
    rectangle(0, 0, width, height, fill: "#ffffff")
  }

  /// - Parameter hint: text shown by browsers while the pointer rests on the shape.
  mutating func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String, hint: String? = nil
  ) {
    body +=
      "<rect x=\"\(short(x))\" y=\"\(short(y))\" width=\"\(short(width))\""
      + " height=\"\(short(height))\" fill=\"\(fill)\""
    body += hint.map { "><title>\(Self.escaped($0))</title></rect>\n" } ?? "/>\n"
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, color: String, dashed: Bool = false
  ) {
    body +=
      "<line x1=\"\(short(x1))\" y1=\"\(short(y1))\" x2=\"\(short(x2))\" y2=\"\(short(y2))\""
      + " stroke=\"\(color)\"\(dashed ? " stroke-dasharray=\"4 3\"" : "")/>\n"
  }

  /// - Parameters:
  ///   - y: of the text's base line.
  ///   - turned: degrees clockwise around (x, y).
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, _ anchor: Anchor = .start, size: Double = 12,
    color: String = "#222222", turned: Double = 0
  ) {
    let turn = turned == 0 ? "" : " transform=\"rotate(\(short(turned)) \(short(x)) \(short(y)))\""
    body +=
      "<text x=\"\(short(x))\" y=\"\(short(y))\" text-anchor=\"\(anchor.rawValue)\""
      + " font-size=\"\(short(size))\" fill=\"\(color)\"\(turn)>\(Self.escaped(text))</text>\n"
  }

  /// The whole document; it refers to nothing outside itself.
  var document: String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(short(width)) \(short(height))\""
      + " width=\"\(short(width))\" height=\"\(short(height))\""
      + " font-family=\"Helvetica, Arial, sans-serif\">\n\(body)</svg>\n"
  }

  /// Text as XML character data; what XML cannot hold becomes a blank.
  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private func short(_ value: Double) -> String {
    let text = fixed(value, 2)
    guard text.contains(".") else { return text }
    let bare = text.reversed().drop { $0 == "0" }.drop { $0 == "." }
    return String(bare.reversed())
  }
}

/// A colour between white (0) and a dark blue (1).
func shade(_ share: Double) -> String {
  let t = min(max(share, 0), 1)
  let ends: [(Double, Double)] = [(255, 8), (255, 48), (255, 107)]
  let digits = ends.map { low, high in
    let text = String(Int((low + (high - low) * t).rounded()), radix: 16)
    return text.count < 2 ? "0" + text : text
  }
  return "#" + digits.joined()
}
