import SegCore
import SegData
import Testing

@Suite struct ResizingTests {
  @Test(arguments: PillowGoldens.resize)
  func agreesWithPillow(_ golden: PillowGoldens.Resize) throws {
    let picture = PillowGoldens.picture(golden.height, golden.width, golden.channels)
    let resized = try picture.resized(
      to: PixelSize(height: golden.outHeight, width: golden.outWidth))
    #expect(resized.pixels.count == golden.pixels.count)
    for (a, b) in zip(resized.pixels, golden.pixels) { #expect(abs(Int(a) - Int(b)) <= 1) }
  }

  static let shapes: [[Int]] = [
    [1, 1, 3, 5], [1, 9, 1, 4], [17, 1, 4, 1], [8, 6, 16, 12], [16, 12, 8, 6], [31, 45, 7, 100],
    [64, 50, 1, 1], [33, 260, 32, 259], [5, 300, 6, 90],
  ]

  /// The definition in Double: weights of the triangle at every input pixel's centre, both axes at
  /// once.
  @Test(arguments: shapes, [1, 3])
  func agreesWithDefinition(_ shape: [Int], _ channels: Int) throws {
    let picture = PillowGoldens.picture(shape[0], shape[1], channels)
    let resized = try picture.resized(to: PixelSize(height: shape[2], width: shape[3]))
    func weights(_ i: Int, _ input: Int, _ output: Int) -> [Double] {
      let scale = Double(input) / Double(output)
      let center = (Double(i) + 0.5) * scale
      let all = (0..<input).map { max(0, 1 - abs(Double($0) + 0.5 - center) / max(1, scale)) }
      let sum = all.reduce(0, +)
      return all.map { $0 / sum }
    }
    for y in 0..<shape[2] {
      let down = weights(y, shape[0], shape[2])
      for x in 0..<shape[3] {
        let across = weights(x, shape[1], shape[3])
        for c in 0..<channels {
          var sum = 0.0
          for (i, a) in down.enumerated() where a > 0 {
            for (j, b) in across.enumerated() where b > 0 {
              sum += a * b * Double(picture.pixels[(i * shape[1] + j) * channels + c])
            }
          }
          let found = Double(resized.pixels[(y * shape[3] + x) * channels + c])
          // Two roundings to whole levels, half a level each.
          #expect(abs(found - sum) <= 1.001)
        }
      }
    }
  }

  @Test func constantsStayAndSameSizeIsIdentity() throws {
    for level in [UInt8(0), 1, 127, 254, 255] {
      let flat = Raster(height: 13, width: 9, color: RGB(level, level, level))
      let resized = try flat.resized(to: PixelSize(height: 7, width: 31))
      #expect(resized.pixels.allSatisfy { $0 == level })
    }
    let picture = PillowGoldens.picture(9, 11, 3)
    #expect(try picture.resized(to: PixelSize(height: 9, width: 11)) == picture)
  }

  @Test(arguments: shapes)
  func labelsTakeThePixelUnderTheirCentre(_ shape: [Int]) throws {
    let values = PillowGoldens.picture(shape[0], shape[1], 1).pixels
    let label = LabelMap(height: shape[0], width: shape[1], pixels: values)
    let resized = try label.resized(to: PixelSize(height: shape[2], width: shape[3]))
    for y in 0..<shape[2] {
      for x in 0..<shape[3] {
        // floor((x + 1/2) * in / out) in whole numbers.
        let from =
          (2 * y + 1) * shape[0] / (2 * shape[2]) * shape[1]
          + (2 * x + 1) * shape[1] / (2 * shape[3])
        #expect(resized.pixels[y * shape[3] + x] == values[from])
      }
    }
  }

  @Test func refusesImpossibleSizes() {
    let picture = PillowGoldens.picture(2, 2, 3)
    for size in [PixelSize(height: 0, width: 3), PixelSize(height: 1 << 20, width: 1 << 20)] {
      #expect(throws: Failure.self) { try picture.resized(to: size) }
    }
  }
}
