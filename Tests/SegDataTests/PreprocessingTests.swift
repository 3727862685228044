import Foundation
import SegCore
import SegData
import SegTestSupport
import Testing

/// The recall repository's way from pixels to floats, against OpenCV and NumPy themselves.
@Suite struct PreprocessingTests {
  struct Golden: Decodable {
    struct Resize: Decodable {
      var from: [Int]
      var to: [Int]
      var linear: Data
      var nearest: Data

      var size: PixelSize { PixelSize(height: to[0], width: to[1]) }
    }

    struct Recall: Decodable {
      var from: [Int]
      var to: [Int]
      var values: [Float]
    }

    var resize: [Resize]
    var recall: Recall
  }

  let golden: Golden

  init() throws { golden = try GoldenFile.load("preprocessing") }

  @Test func openCVsResizeBitForBit() throws {
    #expect(golden.resize.count == 11)
    for test in golden.resize {
      let picture = PillowGoldens.picture(test.from[0], test.from[1], test.from[2])
      let resized = try picture.resized(to: test.size, by: .opencv)
      #expect(resized.pixels == Array(test.linear), "\(test.from) to \(test.to)")
      let step = test.from[2]
      let label = LabelMap(
        height: test.from[0], width: test.from[1],
        pixels: stride(from: 0, to: picture.pixels.count, by: step).map { picture.pixels[$0] })
      let nearest = try label.resized(to: test.size, by: .opencv)
      #expect(nearest.pixels == Array(test.nearest), "\(test.from) to \(test.to)")
    }
  }

  /// floor(x · in / out), but for row 240 of 384 from 760: OpenCV's quotient is a little less than
  /// 760 / 384 there, so it takes row 474 where whole numbers give 475.
  @Test(arguments: [(30, 90, nil), (64, 16, nil), (1280, 768, nil), (760, 384, 240)])
  func labelsTakeThePixelUnderTheirCorner(_ input: Int, _ output: Int, _ odd: Int?) throws {
    let tens = LabelMap(
      height: input, width: 1, pixels: (0..<input).map { UInt8($0 / 10) })
    let ones = LabelMap(height: input, width: 1, pixels: (0..<input).map { UInt8($0 % 10) })
    let size = PixelSize(height: output, width: 1)
    let found = try zip(
      tens.resized(to: size, by: .opencv).pixels, ones.resized(to: size, by: .opencv).pixels
    ).map { 10 * Int($0) + Int($1) }
    let expected = (0..<output).map { $0 * input / output - ($0 == odd ? 1 : 0) }
    #expect(found == expected)
  }

  @Test func theWholeWayToFloats() throws {
    let test = golden.recall
    let config = DataConfig(
      layout: "synthia_seqs", root: "", size: PixelSize(height: test.to[0], width: test.to[1]),
      preprocessing: .recallCode)
    #expect(config.resize == .opencv && config.channelOrder == .bgr)
    var sample = Sample(
      image: PillowGoldens.picture(test.from[0], test.from[1], 3),
      label: LabelMap(
        height: test.from[0], width: test.from[1],
        pixels: [UInt8](repeating: 0, count: test.from[0] * test.from[1])))
    try TransformPipeline.evaluation(config).apply(&sample, seed: 0, index: 0, epoch: 0)
    var found = [Float](repeating: .nan, count: test.values.count)
    try found.withUnsafeMutableBufferPointer {
      try Normalization(config).write(sample.image, to: $0)
    }
    // Means and deviations go from 0...255 to 0...1 and back, in single precision.
    for (a, b) in zip(found, test.values) { #expect(abs(a - b) < 2e-6) }
  }

  @Test func croppedWindowsAreThoseOfTheWhole() throws {
    let picture = PillowGoldens.picture(23, 31, 3)
    let label = LabelMap(height: 23, width: 31, pixels: PillowGoldens.picture(23, 31, 1).pixels)
    let crop = RandomCrop(PixelSize(height: 9, width: 14), padding: RGB(0, 0, 0), ignoreIndex: 255)
    for stream in UInt64(0)..<20 {
      var whole = Sample(image: picture, label: label)
      var window = whole
      var rng = CounterRNG(seed: 1, stream: stream, step: 0)
      try RandomScale(.range(0.4...2), by: .opencv).apply(&whole, &rng)
      try crop.apply(&whole, &rng)
      rng = CounterRNG(seed: 1, stream: stream, step: 0)
      try RandomScaleCrop(.range(0.4...2), crop, by: .opencv).apply(&window, &rng)
      #expect(whole == window)
    }
  }
}
