import Foundation
import SegCore
import SegData
import SegTestSupport
import Testing

@Suite struct SBDTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var name: String
      var compressed: Bool
      var rows: Int
      var columns: Int
      var values: [UInt8]
      var file: Data
    }

    var cases: [Case]
  }

  /// The failure of `read`, nil where there is none.
  private func failureOf<T>(_ read: () throws -> T) -> Failure? {
    do {
      _ = try read()
      return nil
    } catch {
      return error as? Failure
    }
  }

  static func golden() throws -> Golden { try GoldenFile.load("mat_files") }

  @Test func filesOfSciPy() throws {
    let golden = try Self.golden()
    #expect(golden.cases.count == 6)
    for test in golden.cases {
      let label = try ImageFile.decodeLabels(Array(test.file), name: "\(test.name).mat")
      #expect(label.height == test.rows && label.width == test.columns, "\(test.name)")
      #expect(label.pixels == test.values, "\(test.name)")
    }
  }

  @Test func everyTruncationIsRefused() throws {
    for test in try Self.golden().cases where test.name == "uint8" {
      for count in 0..<test.file.count {
        let failure = failureOf {
          try ImageFile.decodeLabels(Array(test.file.prefix(count)), name: "cut.mat")
        }
        // What follows the picture may be missing; nothing else.
        guard let failure else {
          let label = try ImageFile.decodeLabels(Array(test.file.prefix(count)), name: "")
          #expect(label.pixels == test.values)
          continue
        }
        #expect(failure.status == .badData && failure.place == "cut.mat")
      }
    }
  }

  /// Damage is refused or harmless or changes numbers; it never crashes.
  @Test func everyFlippedBitIsSurvived() throws {
    for test in try Self.golden().cases where test.name == "uint8" {
      for bit in 0..<8 * test.file.count {
        var damaged = Array(test.file)
        damaged[bit / 8] ^= 1 << (bit % 8)
        let label = try? ImageFile.decodeLabels(damaged, name: "bits.mat")
        if test.compressed, bit >= 8 * 136 { #expect(label == nil || label?.pixels == test.values) }
      }
    }
  }

  /// The same structure by hand, high bytes first, with numbers that are no classes.
  private func handMade(_ values: [Int16], bigEndian: Bool = true) -> [UInt8] {
    func number(_ value: Int, _ size: Int) -> [UInt8] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * (size - 1 - $0))) }
      return bigEndian ? bytes : bytes.reversed()
    }
    func element(_ type: Int, _ data: [UInt8]) -> [UInt8] {
      number(type, 4) + number(data.count, 4) + data
        + [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    }
    func matrix(_ kind: Int, _ sides: [Int], _ name: String, _ body: [UInt8]) -> [UInt8] {
      element(
        14,
        element(6, number(kind, 4) + number(0, 4)) + element(5, sides.flatMap { number($0, 4) })
          + element(1, Array(name.utf8)) + body)
    }
    let field = Array("Segmentation".utf8) + [UInt8](repeating: 0, count: 20)
    let picture = matrix(
      6, [2, values.count / 2], "", element(3, values.flatMap { number(Int($0), 2) }))
    let body = element(5, number(32, 4)) + element(1, field) + picture
    let text = Array("MATLAB 5.0 MAT-file, by hand".utf8)
    return text + [UInt8](repeating: 32, count: 124 - text.count) + number(0x0100, 2)
      + (bigEndian ? [0x4D, 0x49] : [0x49, 0x4D]) + matrix(2, [1, 1], "GTcls", body)
  }

  @Test(arguments: [true, false])
  func bothByteOrders(_ bigEndian: Bool) throws {
    let label = try ImageFile.decodeLabels(
      handMade([0, 3, 1, 4, 2, 20], bigEndian: bigEndian), name: "")
    #expect(label.height == 2 && label.width == 3)
    #expect(label.pixels == [0, 1, 2, 3, 4, 20])
  }

  @Test func whatIsNoClassIsNamed() {
    let failure = failureOf { try ImageFile.decodeLabels(handMade([0, 0, 0, -2]), name: "a.mat") }
    #expect(
      failure
        == Failure(
          .badData, "a.mat",
          "GTcls.Segmentation has -2.0 at x 1, y 1; expected whole numbers from 0 to 255"))
    let picture = failureOf { try ImageFile.decodeRaster(handMade([0, 0]), name: "a.mat") }
    #expect(picture?.problem == "a MAT file, which is no picture")
  }

  /// A structure whose picture is larger than the file.
  @Test func promisesAreNotBelieved() {
    var bytes = handMade([0, 0, 0, 0])
    for position in bytes.indices.dropLast(3)
    where Array(bytes[position..<position + 4]) == [0, 0, 0, 2] {
      bytes.replaceSubrange(position..<position + 4, with: [0x7F, 0xFF, 0xFF, 0xFF])
    }
    #expect(failureOf { try ImageFile.decodeLabels(bytes, name: "") }?.status == .badData)
  }

  @Test func otherLevelsAreTold() {
    let text = Array("MATLAB 7.3 MAT-file, Platform: GLNXA64".utf8)
    let bytes = text + [UInt8](repeating: 0, count: 600)
    let failure = failureOf { try ImageFile.decodeLabels(bytes, name: "a.mat") }
    #expect(failure?.problem == "MAT file of level 7.3 (HDF5); level 5 is read")
  }

  @Test(
    .enabled(if: SharedData.has("sbd/mindspore_sbd"), "no ../shared/data"),
    arguments: ["", "benchmark_RELEASE/dataset/"])
  func bothFolderLayouts(_ below: String) throws {
    let folder = try TemporaryFolder()
    for name in ["train.txt", "val.txt"] {
      try folder.write(
        FileBytes.read(SharedData.path("sbd/mindspore_sbd/\(name)")), "\(below)\(name)")
    }
    // Downloaded from elsewhere and put beside it.
    try folder.write(Array("000001\n".utf8), "train_noval.txt")
    for stem in (1...6).map({ "00000\($0)" }) {
      try folder.write(
        FileBytes.read(SharedData.path("sbd/mindspore_sbd/img/\(stem).jpg")),
        "\(below)img/\(stem).jpg")
      try folder.write(
        FileBytes.read(SharedData.path("sbd/mindspore_sbd/cls/\(stem).mat")),
        "\(below)cls/\(stem).mat")
    }
    let config = DataConfig(layout: "sbd", root: folder.path)
    let dataset = try FileDataset(config, split: "train")
    #expect(dataset.count == 4)
    let sample = try dataset.load(at: 0)
    #expect(sample.label.pixels.allSatisfy { $0 == 0 })
    #expect(sample.image.height == sample.label.height && sample.image.width == sample.label.width)
    let size = try ImageFile.size(dataset.labelPath(at: 0))
    #expect(size.height == sample.label.height && size.width == sample.label.width)
    #expect(try FileDataset(config, split: "train_noval").count == 1)
  }
}
