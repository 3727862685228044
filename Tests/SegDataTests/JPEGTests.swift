import SegCore
import SegData
import Testing

@Suite(.enabled(if: SharedData.has("jpeg"), "no ../shared/data")) struct JPEGTests {
  /// Reference decodings of another decoder; its chroma upsampling is simpler, so only the mean is
  /// close.
  @Test func agreesWithReferenceDecodings() throws {
    var refused = [String]()
    for name in try SharedData.list("jpeg/reftest") where name.hasSuffix(".jpg") {
      let stem = name.dropLast(4)
      guard SharedData.has("jpeg/reftest/\(stem).png") else { continue }
      let path = SharedData.path("jpeg/reftest/\(stem)")
      guard let found = try? ImageFile.readRaster("\(path).jpg") else {
        refused.append(name)
        continue
      }
      let expected = try ImageFile.readRaster("\(path).png")
      #expect(found.height == expected.height && found.width == expected.width, "\(name)")
      guard found.pixels.count == expected.pixels.count else { continue }
      let sum = zip(found.pixels, expected.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(Double(sum) / Double(found.pixels.count) < 3, "\(name)")
    }
    // Its scans stop in the middle of the picture.
    #expect(refused == ["partial_progressive.jpg"])
  }

  @Test func truncatedFilesAreErrors() throws {
    let bytes = try FileBytes.read(SharedData.path("jpeg/pillow/hopper.jpg"))
    for count in stride(from: 3, to: bytes.count - 2, by: 97) {
      let failure = #expect(throws: Failure.self, "\(count) bytes") {
        try ImageFile.decodeRaster(Array(bytes.prefix(count)), name: "cut.jpg")
      }
      #expect(failure?.status == .badData)
      #expect(failure?.problem.hasPrefix("truncated JPEG of \(count) bytes") == true)
    }
    let path = SharedData.path("jpeg/pillow/truncated_jpeg.jpg")
    #expect(throws: Failure.self) { try ImageFile.readRaster(path) }
  }

  @Test func hugeHeadersAreRefusedBeforeAllocation() throws {
    var bytes = try FileBytes.read(SharedData.path("jpeg/pillow/hopper.jpg"))
    // The frame header: FF C0, length, precision, height, width.
    let frame = try #require(bytes.indices.first { Array(bytes[$0...].prefix(2)) == [0xFF, 0xC0] })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x0F, 0xFF, 0xFF, 0xDC])
    let failure = #expect(throws: Failure.self) {
      try ImageFile.decodeRaster(bytes, name: "big.jpg")
    }
    #expect(failure?.problem.contains("the header promises more pixels") == true)
  }

  @Test func grayIsReplicated() throws {
    let raster = try ImageFile.readRaster(SharedData.path("jpeg/pillow/hopper_gray.jpg"))
    #expect(raster.channels == 3)
    for i in 0..<raster.pixels.count / 3 {
      #expect(raster.pixels[3 * i] == raster.pixels[3 * i + 2])
    }
  }

  /// Values read with Pillow 13.0.0: `Image.open(path).convert("RGB").getpixel((x, y))`.
  @Test func fourInksBecomeRGB() throws {
    let raster = try ImageFile.readRaster(SharedData.path("jpeg/pillow/pil_sample_cmyk.jpg"))
    for (x, y, color) in Self.cmyk {
      let start = 3 * (y * raster.width + x)
      #expect(Array(raster.pixels[start..<start + 3]) == color)
    }
  }

  static let cmyk: [(Int, Int, [UInt8])] = [
    (0, 0, [255, 13, 25]),
    (18, 0, [1, 4, 5]),
    (81, 30, [100, 17, 22]),
    (9, 33, [171, 16, 22]),
  ]

  @Test func sizeComesFromTheHeader() throws {
    let path = SharedData.path("jpeg/pillow/hopper.jpg")
    let raster = try ImageFile.readRaster(path)
    #expect(try ImageFile.size(path) == (raster.height, raster.width))
  }

  @Test func labelsMustNotBeJPEG() {
    let failure = #expect(throws: Failure.self) {
      try ImageFile.readLabels(SharedData.path("jpeg/pillow/hopper_gray.jpg"))
    }
    #expect(failure?.problem == "label is a JPEG, whose compression changes class values")
  }
}
