internal import SegCore

/// One entry of `data.mask_colors`.
public struct MaskColor: Sendable, Equatable {
  public var color: RGB
  public var target: LabelMapping.Target

  public init(_ color: RGB, _ target: LabelMapping.Target) {
    self.color = color
    self.target = target
  }
}

/// What the colours of colour-coded masks mean.
struct MaskColors: Sendable {
  /// Class or ignore index by colour, `red << 16 | green << 8 | blue`.
  private let values: [UInt32: UInt8]

  /// - Throws: `Failure` `.badConfig` for a colour of two meanings or an index that is no class.
  init(_ classes: [ClassInfo], _ further: [MaskColor], ignoreIndex: Int) throws {
    var values: [UInt32: UInt8] = [:]
    var owners: [UInt32: String] = [:]
    func add(_ color: RGB, _ value: Int, _ owner: String, _ place: String) throws {
      let key = Self.key(color)
      if let other = owners.updateValue(owner, forKey: key) {
        throw Failure(
          .badConfig, place,
          "colour \(Self.text(key)) means both \(other) and \(owner)",
          hint: "colour-coded masks need a colour of its own for every class")
      }
      values[key] = UInt8(clamping: value)
    }
    for (index, info) in classes.enumerated() {
      try add(info.color, index, "class \"\(info.name)\"", "data.classes")
    }
    for entry in further {
      switch entry.target {
      case .ignore: try add(entry.color, ignoreIndex, "\"ignore\"", "data.mask_colors")
      case .index(let index):
        guard classes.indices.contains(index) else {
          throw Failure(
            .badConfig, "data.mask_colors",
            "expected a class index 0 to \(classes.count - 1) or \"ignore\", found \(index)")
        }
        // Several colours may mean one class.
        try add(entry.color, index, "class \"\(classes[index].name)\"", "data.mask_colors")
      }
    }
    self.values = values
  }

  /// The mask at `path` as class indices and the ignore index.
  ///
  /// - Throws: `Failure` `.badData` for a JPEG, 16 bits, or a colour that means nothing, with the
  ///   first pixel that has it and how many others there are.
  func readLabels(_ path: String) throws -> LabelMap {
    let bytes = try FileBytes.read(path)
    guard try ImageFile.format(of: bytes, name: path) == .png else {
      throw Failure(
        .badData, path, "a colour-coded mask must be a PNG; other formats change its colours")
    }
    let image = try PNGImage.decode(bytes, name: path)
    guard image.bitDepth <= 8 else {
      throw Failure(
        .badData, path, "mask is \(image.kind) PNG; a colour-coded mask has 8 bits a colour")
    }
    return try map(image.raster(name: path), name: path)
  }

  func map(_ raster: Raster, name: String) throws -> LabelMap {
    let count = raster.height * raster.width
    var unknown: [UInt32: (pixels: Int, first: Int)] = [:]
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
      raster.pixels.withUnsafeBufferPointer { rgb in
        // Neighbours mostly are of one colour.
        var (last, value) = (UInt32.max, UInt8?.none)
        for i in 0..<count {
          let key =
            UInt32(rgb[3 * i]) << 16 | UInt32(rgb[3 * i + 1]) << 8 | UInt32(rgb[3 * i + 2])
          if key != last {
            last = key
            value = values[key]
          }
          if value == nil { unknown[key, default: (0, i)].pixels += 1 }
          out[i] = value ?? 0
        }
      }
      filled = count
    }
    guard unknown.isEmpty else { throw failure(unknown, raster, name) }
    return LabelMap(height: raster.height, width: raster.width, pixels: pixels)
  }

  private func failure(
    _ unknown: [UInt32: (pixels: Int, first: Int)], _ raster: Raster, _ name: String
  ) -> Failure {
    let sorted = unknown.sorted { $0.value.first < $1.value.first }
    let (key, found) = (sorted[0].key, sorted[0].value)
    let pixels = found.pixels == 1 ? "1 pixel" : "\(found.pixels) pixels"
    let others = unknown.count == 1 ? "" : "; \(unknown.count - 1) more colours mean nothing either"
    let hint =
      unknown.count > 8
      ? "so many colours come from smoothed edges: was the mask resized, or saved as JPEG?"
      : "add its meaning to \"data\": "
        + "\"mask_colors\": [{ \"color\": [\(Self.parts(key))], \"class\": \"ignore\" }]"
    return Failure(
      .badData, name,
      "colour \(Self.text(key)) in \(pixels), first at x \(found.first % raster.width), "
        + "y \(found.first / raster.width), is no class\(others)", hint: hint)
  }

  private static func key(_ color: RGB) -> UInt32 {
    UInt32(color.red) << 16 | UInt32(color.green) << 8 | UInt32(color.blue)
  }

  private static func parts(_ key: UInt32) -> String {
    "\(key >> 16), \(key >> 8 & 255), \(key & 255)"
  }

  private static func text(_ key: UInt32) -> String { "(\(parts(key)))" }
}
