import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct SynthiaTests {
  /// Values of CPython's `random` module with seed 0.
  @Test func pythonsShuffle() {
    var random = PythonRandom(seed: 0)
    #expect(
      (0..<4).map { _ in random.next() } == [
        3_626_764_237, 1_654_615_998, 3_255_389_356, 3_823_568_514,
      ])
    var order = Array(0..<787)
    random = PythonRandom(seed: 0)
    random.shuffle(&order)
    #expect(order[0..<12] == [72, 685, 661, 486, 56, 612, 336, 214, 668, 541, 34, 236])
    #expect(order[549...551] == [719, 228, 760])
    #expect(order[627...629] == [660, 379, 699])
    #expect(order[784...786] == [430, 776, 394])
    #expect(order.sorted() == Array(0..<787))
    // random.seed(7); x = list(range(5)); random.shuffle(x)
    random = PythonRandom(seed: 7)
    var few = Array(0..<5)
    random.shuffle(&few)
    #expect(few == [4, 0, 3, 1, 2])
  }

  @Test func theReleasedSplit() throws {
    let split = try #require(FrameSplit(.released, count: 787))
    let sizes = try FrameSplit.names.map { try #require(split.frames(of: $0)).count }
    #expect(sizes.map { 8 * $0 } == [4400, 624, 1272])
    #expect(split.frames(of: "train")?.prefix(3) == [72, 685, 661])
    #expect(split.frames(of: "val")?.first == 228)
    #expect(split.frames(of: "test")?.last == 394)
    #expect(split.frames(of: "all") == nil)
  }

  @Test(arguments: [20, 100, 787, 1000])
  func theSplitAlongTheDriveHasGaps(_ count: Int) throws {
    let split = try #require(FrameSplit(.sequence, count: count))
    let parts = try FrameSplit.names.map { try #require(split.frames(of: $0)) }
    let all = parts.flatMap { $0 }
    #expect(all == all.sorted() && Set(all).count == all.count)
    #expect(all.last == count - 1 && all.first == 0)
    for (a, b) in zip(parts, parts.dropFirst()) {
      let gap = try #require(b.first) - #require(a.last)
      #expect(gap > max(1, count / 50))
    }
    #expect(FrameSplit(.sequence, count: 9) == nil)
    #expect(FrameSplit(.released, count: 9) == nil)
  }

  static let streams = ["B", "F", "L", "R"].flatMap { view in
    ["Left", "Right"].map { "Stereo_\($0)/Omni_\(view)" }
  }

  /// A sequence of `frames` frames of 2x2 pixels whose class is the frame's number modulo 16.
  private func sequence(_ frames: Int, below: String = "") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for stream in Self.streams {
      for frame in 0..<frames {
        let name = "\(stream)/\(String(1_000_000 + frame).dropFirst()).png"
        try folder.writeImage("\(below)RGB/\(name)", height: 2, width: 2)
        let value = UInt16(frame % 16)
        try folder.write(synthiaPNG([[value, 0], [15, value]]), "\(below)GT/LABELS/\(name)")
      }
    }
    return folder
  }

  @Test(arguments: ["", "SYNTHIA-SEQS-05-SUMMER/"])
  func eightStreams(_ below: String) throws {
    let folder = try sequence(20, below: below)
    let config = DataConfig(layout: "synthia_seqs", root: folder.path)
    let train = try FileDataset(config, split: "train")
    #expect(train.count == 8 * 14 && train.classes.count == 16)
    var order = Array(0..<20)
    var random = PythonRandom(seed: 0)
    random.shuffle(&order)
    for (index, stream) in Self.streams.enumerated() {
      let frame = String(1_000_000 + order[0]).dropFirst()
      #expect(train.labelPath(at: 14 * index).hasSuffix("GT/LABELS/\(stream)/\(frame).png"))
      #expect(train.imagePath(at: 14 * index).hasSuffix("RGB/\(stream)/\(frame).png"))
    }
    let value = UInt8(order[0] % 16)
    #expect(try train.load(at: 0).label.pixels == [value, 0, 15, value])
    #expect(try FileDataset(config, split: "test").count == 8 * 4)
    let other = #expect(throws: Failure.self) { try FileDataset(config, split: "tests") }
    #expect(
      other?.problem
        == "layout \"synthia_seqs\" has no split \"tests\" (near it: test); there are train, val, test"
    )
  }

  @Test func alongTheDrive() throws {
    let folder = try sequence(20)
    let config = DataConfig(layout: "synthia_seqs", root: folder.path, splitRule: .sequence)
    let dataset = try FileDataset(config, split: "val")
    #expect(dataset.count == 8)
    #expect(dataset.labelPath(at: 0).hasSuffix("Omni_B/000014.png"))
  }

  @Test func tooFewFrames() throws {
    let folder = try sequence(4)
    let failure = #expect(throws: Failure.self) {
      try FileDataset(DataConfig(layout: "synthia_seqs", root: folder.path), split: "train")
    }
    #expect(failure?.problem.hasPrefix("4 frames with labels are too few") == true)
  }

  /// Sixteen bits are never scaled to eight: every class a file can hold comes back.
  @Test func sixteenBitClassesComeBackExactly() throws {
    let rows = (0..<16).map { y in (0..<16).map { UInt16(16 * y + $0) } }
    let folder = try TemporaryFolder()
    try folder.writeImage("RGB/a.png", height: 16, width: 16)
    try folder.write(synthiaPNG(rows), "GT/LABELS/a.png")
    let config = DataConfig(layout: "synthia_rand", root: folder.path)
    let dataset = try FileDataset(config, split: "all")
    #expect(try dataset.storedLabel(at: 0).pixels == (0...255).map { UInt8($0) })
    let failure = #expect(throws: Failure.self) { try dataset.load(at: 0) }
    #expect(failure?.problem.contains("label value 23 in 1 pixel, first at x 7, y 1") == true)
  }

  @Test func randomPicturesAndTheirTables() throws {
    let folder = try TemporaryFolder()
    for index in 0..<12 {
      let name = "00000\(index < 10 ? "0" : "")\(index).png"
      try folder.writeImage("RAND_CITYSCAPES/RGB/\(name)", height: 1, width: 4)
      try folder.write(
        synthiaPNG([[3, 16, 0, UInt16(index)]]), "RAND_CITYSCAPES/GT/LABELS/\(name)")
    }
    func load(_ table: String, _ split: String) throws -> FileDataset {
      try FileDataset(
        DataConfig(layout: "synthia_rand", root: folder.path, classes: .table(table)), split: split)
    }
    #expect(try load("synthia_rand23", "all").count == 12)
    #expect(try load("synthia_rand23", "train").count == 11)
    let validation = try load("synthia_rand23", "val")
    #expect(validation.count == 1)
    #expect(try validation.load(at: 0).label.pixels == [3, 16, 0, 9])
    // Traffic sign: train id 7; terrain is not among the 16.
    #expect(try load("synthia_rand19", "val").load(at: 0).label.pixels == [0, 9, 255, 7])
    #expect(try load("synthia_rand16", "val").load(at: 0).label.pixels == [0, 255, 255, 7])
    #expect(try load("synthia_rand13", "val").load(at: 0).label.pixels == [0, 255, 255, 4])
  }

  @Test func otherKindsOfLabelsAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.writeImage("RGB/a.png")
    func failure(_ bytes: [UInt8]) throws -> Failure? {
      try folder.write(bytes, "GT/LABELS/a.png")
      let dataset = try FileDataset(
        DataConfig(layout: "synthia_rand", root: folder.path), split: "all")
      return #expect(throws: Failure.self) { try dataset.load(at: 0) }
    }
    let colour = try failure(PNGEncoder.encode(Raster(height: 2, width: 3)))
    #expect(
      colour?.problem
        == "label is 8-bit RGB PNG; SYNTHIA's labels are 16-bit RGB with the class in red")
    #expect(colour?.hint?.contains("GT/COLOR") == true)
    let large = try failure(synthiaPNG([[1, 2, 3], [4, 976, 5]]))
    #expect(large?.problem.hasPrefix("class 976 in the red channel at x 1, y 1") == true)
  }
}
