import SegCore
import SegData
import SegTestSupport
import Testing

extension EndToEnd {
  /// Data sets as their makers publish them, from the files on disk to the files a server takes.
  @Suite struct PublishedLayoutTests {
    private func write(_ bytes: [UInt8], _ name: String, in shop: Workshop) throws {
      try FileSystem.standard.makeDirectories(FilePath.parent(of: shop[name]))
      try AtomicFile.write(bytes, to: shop[name])
    }

    /// Trains two steps and predicts `picture`, 48x32, for the server.
    private func predict(
      _ shop: Workshop, _ layout: String, _ root: String, picture: String
    ) throws -> LabelMap {
      try shop.configure([
        ("data.layout", "\"\(layout)\""), ("data.root", "\"\(root)\""),
        ("data.validation", "\"train\""),
      ])
      let trained = try shop.train("a")
      #expect(trained.status == 0, "\(trained.errors)")
      let line = ["predict", "--checkpoint", "a/run", "--out", "out", "--save"]
      let done = try shop.segtrain(line + ["\(layout),index", picture])
      #expect(done.status == 0, "\(done.errors)")
      let stem = FilePath.name(of: picture).prefix { $0 != "." }
      let format = try #require(BenchmarkFormat(rawValue: layout))
      let result = try ImageFile.readLabels(format.path(folder: shop["out"], stem: String(stem)))
      #expect(result.height == 32 && result.width == 48)
      let table = try FileDataset.table(DataConfig(layout: layout, root: root))
      let index = try ImageFile.readLabels(shop["out/\(stem).png"])
      #expect(try format.result(index, table: table).pixels == result.pixels)
      let other = layout == "voc" ? "cityscapes" : "voc"
      let refused = try shop.segtrain(line + [other, picture])
      #expect(refused.status == SegCore.ExitStatus.usage.rawValue)
      #expect(refused.errors.hasPrefix("error: --save \(other): the model's"))
      return result
    }

    @Test("VOC: lists, palette labels with borders, results with VOC's palette")
    func voc() throws {
      let shop = try Workshop(train: 2, val: 1)
      let ids = ["2007_000001", "2007_000002"]
      for id in ids {
        // What a file is, its first bytes say, not its name.
        let picture = Raster(height: 32, width: 48, color: RGB(9, 99, 200))
        try write(PNGEncoder.encode(picture), "VOC2012/JPEGImages/\(id).jpg", in: shop)
        let label = try Pictures.label(20, changing: [(3, 5, 255), (4, 5, 0)])
        try write(label, "VOC2012/SegmentationClass/\(id).png", in: shop)
      }
      let list = Array(ids.joined(separator: "\n").utf8)
      try write(list, "VOC2012/ImageSets/Segmentation/train.txt", in: shop)
      let result = try predict(shop, "voc", ".", picture: "VOC2012/JPEGImages/\(ids[0]).jpg")
      #expect(result.palette[15] == RGB(192, 128, 128))
    }

    @Test("Cityscapes: label ids in, label ids out")
    func cityscapes() throws {
      let shop = try Workshop(train: 2, val: 1)
      for frame in ["ulm_000000_000019", "ulm_000001_000019"] {
        let picture = Raster(height: 32, width: 48, color: RGB(9, 99, 200))
        try write(
          PNGEncoder.encode(picture), "leftImg8bit/train/ulm/\(frame)_leftImg8bit.png", in: shop)
        let label = try Pictures.label(26, changing: [(3, 5, 0), (4, 5, 7)])
        try write(label, "gtFine/train/ulm/\(frame)_gtFine_labelIds.png", in: shop)
      }
      let result = try predict(
        shop, "cityscapes", ".",
        picture: "leftImg8bit/train/ulm/ulm_000001_000019_leftImg8bit.png")
      #expect(result.pixels.allSatisfy { ClassTable.cityscapes19.resultValues.contains($0) })
      #expect(shop.exists("out/cityscapes/ulm_000001_000019.png"))
    }
  }
}
