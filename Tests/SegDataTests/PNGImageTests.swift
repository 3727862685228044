import SegCore
import SegData
import Testing

@Suite struct PNGImageTests {
  @Test func md5OfKnownTexts() {
    #expect(md5([]) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(md5(Array("message digest".utf8)) == "f96b697d7cb7938d525a2f31aaf161d0")
    #expect(md5([UInt8](repeating: 97, count: 200)) == "887f30b43b2867f4a9accceee7d16e6c")
  }

  @Test(.enabled(if: SharedData.has("png/pngsuite"), "no ../shared/data"))
  func pngSuite() throws {
    let lines = try SharedData.table("png/pngsuite/expected_samples.tsv")
    #expect(lines.count > 170)
    for line in lines {
      let name = line[0]
      let path = SharedData.path("png/pngsuite/png/\(name)")
      guard line[1] == "ok" else {
        let failure = #expect(throws: Failure.self, "\(name)") {
          try ImageFile.readRaster(path)
        }
        #expect(failure?.status == .badData, "\(name)")
        continue
      }
      let image = try PNGImage.decode(FileBytes.read(path), name: name)
      let found = [
        image.width, image.height, image.bitDepth, Int(image.colorType.rawValue),
        image.isInterlaced ? 1 : 0, image.channels,
      ]
      #expect(found == line[2...7].map { Int($0) }, "\(name)")
      let bytes: [UInt8] =
        switch image.samples {
        case .bytes(let bytes): bytes
        case .words(let words): words.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        }
      #expect(md5(bytes) == line[8], "\(name)")
      let raster = try ImageFile.readRaster(path)
      #expect(raster == Self.rgb(image), "\(name)")
    }
  }

  /// The documented conversion, pixel by pixel.
  static func rgb(_ image: PNGImage) -> Raster {
    let top = Double((1 << image.bitDepth) - 1)
    let levels: [Double] =
      switch image.samples {
      case .bytes(let bytes): bytes.map(Double.init)
      case .words(let words): words.map(Double.init)
      }
    let pixels = (0..<image.height * image.width).flatMap { i -> [UInt8] in
      let first = i * image.channels
      switch image.colorType {
      case .palette:
        let color = image.palette[Int(levels[first])]
        return [color.red, color.green, color.blue]
      case .gray, .grayAlpha:
        return [UInt8](repeating: UInt8((levels[first] * 255 / top).rounded()), count: 3)
      case .rgb, .rgba:
        return (0..<3).map { UInt8((levels[first + $0] * 255 / top).rounded()) }
      }
    }
    return Raster(height: image.height, width: image.width, channels: 3, pixels: pixels)
  }
}
