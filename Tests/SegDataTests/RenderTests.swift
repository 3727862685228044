import SegCore
import SegData
import Testing

@Suite struct RenderTests {
  static let classes = [ClassInfo("a", RGB(10, 20, 30)), ClassInfo("b", RGB(200, 100, 0))]

  @Test func classesHaveTheirColours() {
    let colors = ClassColors(Self.classes, ignoreIndex: 255)
    let map = LabelMap(height: 1, width: 4, pixels: [1, 0, 255, 7])
    #expect(
      map.colored(colors).pixels == [200, 100, 0, 10, 20, 30, 255, 255, 255, 0, 0, 0])
    #expect(map.withPalette(colors).palette == colors.table)
    #expect(ClassColors(Self.classes, ignoreIndex: 0).table[0] == RGB(10, 20, 30))
  }

  @Test func overlayIsTheMean() throws {
    let a = Raster(height: 1, width: 2, color: RGB(0, 100, 255))
    let b = Raster(height: 1, width: 2, color: RGB(255, 50, 255))
    #expect(try a.overlaid(with: b).pixels == [128, 75, 255, 128, 75, 255])
    #expect(try a.overlaid(with: b, alpha: 0) == a)
    #expect(try a.overlaid(with: b, alpha: 1) == b)
    #expect(throws: Failure.self) { try a.overlaid(with: Raster(height: 2, width: 1)) }
  }

  @Test func confidenceIsGray() {
    let raster = Raster.confidence([0, 0.5, 1, 2, -1, .nan], height: 2, width: 3)
    #expect(raster.channels == 1)
    #expect(raster.pixels == [0, 128, 255, 255, 0, 0])
  }

  @Test(.enabled(if: SharedData.has("class_tables"), "no ../shared/data"))
  func spreadColoursAreThoseOfVOC() throws {
    for row in try SharedData.table("class_tables/voc_colormap256.tsv") {
      let values = row.compactMap { Int($0) }
      let color = ClassColors.spread(values[0])
      #expect([color.red, color.green, color.blue].map(Int.init) == Array(values[1...3]))
    }
  }
}
