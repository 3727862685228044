import Foundation
import SegCore
import SegData
import Testing

@Suite struct PNGEncoderTests {
  static let sizes: [(Int, Int)] = [(1, 1), (1, 17), (33, 1), (40, 53)]

  @Test func pixelsComeBack() throws {
    for (height, width) in Self.sizes {
      for channels in [1, 3] {
        let raster = PillowGoldens.picture(height, width, channels)
        let bytes = try PNGEncoder.encode(raster)
        #expect(try PNGEncoder.encode(raster) == bytes)
        let image = try PNGImage.decode(bytes, name: "")
        #expect(image.colorType == (channels == 3 ? .rgb : .gray) && image.bitDepth == 8)
        #expect(image.samples == .bytes(raster.pixels))
      }
    }
  }

  @Test func paletteComesBack() throws {
    let palette = (0..<12).map { RGB(UInt8($0), UInt8($0 * 20), 255) }
    let map = LabelMap(
      height: 3, width: 4, pixels: (0..<12).map { UInt8($0) }, palette: palette)
    #expect(try ImageFile.decodeLabels(PNGEncoder.encode(map), name: "") == map)
  }

  @Test func valuesBeyondThePaletteAreKept() throws {
    let map = LabelMap(height: 1, width: 2, pixels: [0, 255], palette: [RGB(1, 2, 3)])
    let back = try ImageFile.decodeLabels(PNGEncoder.encode(map), name: "")
    #expect(back.pixels == [0, 255])
    #expect(back.palette.first == RGB(1, 2, 3))
  }

  @Test func writingSaysWhyItFails() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/no/label.png"
    let missing = #expect(throws: Failure.self) {
      try PNGEncoder.write(ImageFileTests.gray, to: path)
    }
    #expect(missing == Failure(.io, path, "cannot write: No such file or directory"))
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/taken.png", withIntermediateDirectories: true)
    let taken = #expect(throws: Failure.self) {
      try PNGEncoder.write(ImageFileTests.gray, to: "\(folder.path)/taken.png")
    }
    #expect(taken?.problem == "cannot write: Is a directory")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken.png"])
  }

  @Test func writingReplacesAndLeavesNothingElse() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.png"
    try FileBytes.write([1, 2, 3], to: path)
    try PNGEncoder.write(ImageFileTests.gray, to: path)
    #expect(try ImageFile.readLabels(path).pixels == ImageFileTests.gray.pixels)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.png"])
  }
}
