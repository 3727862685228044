import SegCore
import SegData
import Testing

@Suite struct DataPreviewTests {
  @Test func showsImageMaskAndBoth() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 0, 2], [255, 0, 1]])
    try folder.sample("train", "q", [[1, 1, 1], [1, 1, 1]])
    var options = DataPreview.Options()
    options.isAugmented = false
    options.count = 9
    let preview = try DataPreview(
      folder.config(), AugmentConfig(), split: "train", classUniform: nil, options: options)
    #expect(preview.files.count == 2)
    #expect(preview.pixels == [3, 7, 1] && preview.ignored == 1)
    // Six pictures of 3x2 with 4 pixels around each.
    #expect(preview.sheet.width == 6 * 7 + 4 && preview.sheet.height == 2 + 8)
    func color(_ y: Int, _ x: Int) -> [UInt8] {
      Array(preview.sheet.pixels.dropFirst((y * preview.sheet.width + x) * 3).prefix(3))
    }
    // The two samples come in the shuffled order; the mask of q is one colour.
    let first = preview.files[0].contains("q.png") ? 0 : 3
    let classColor = preview.classes[1].color
    #expect(color(4, 4 + 7 * first) == [10, 20, 30])
    #expect(color(5, 4 + 7 * (first + 1)) == [classColor.red, classColor.green, classColor.blue])
    #expect(color(0, 0) == color(9, 45))
  }

  @Test func anEmptySplitIsAnError() throws {
    let folder = PictureFolder()
    defer { folder.remove() }
    try folder.sample("train", "p", [[0, 0, 2], [255, 0, 1]])
    #expect(throws: Failure.self) {
      try DataPreview(
        folder.config(), AugmentConfig(), split: "val", classUniform: nil,
        options: DataPreview.Options())
    }
  }
}
