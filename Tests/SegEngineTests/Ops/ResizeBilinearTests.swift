import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct ResizeBilinearTests {
  static let cases: [OpCase] = [
    resizing([2, 3, 4, 5], 7, 9, true), resizing([2, 3, 4, 5], 7, 9, false),
    resizing([1, 5, 6, 11], 40, 48, true), resizing([1, 5, 6, 11], 40, 48, false),
    resizing([1, 7, 5, 16], 9, 11, false), resizing([1, 3, 4, 21], 13, 9, true),
    resizing([1, 3, 4, 48], 5, 7, false), resizing([2, 9, 11, 3], 4, 5, true),
    resizing([2, 9, 11, 19], 4, 5, false), resizing([2, 1, 1, 7], 5, 6, true),
    resizing([2, 1, 1, 33], 5, 6, false), resizing([1, 4, 5, 3], 1, 1, true),
    resizing([1, 4, 5, 3], 1, 1, false), resizing([2, 5, 4, 3], 5, 4, true),
    resizing([2, 5, 4, 3], 5, 4, false), resizing([1, 5, 4, 1], 5, 17, false),
    resizing([1, 5, 4, 2], 17, 4, true), resizing([1, 3, 100, 13], 5, 150, false),
  ]

  static func resizing(_ shape: Shape, _ height: Int, _ width: Int, _ corners: Bool) -> OpCase {
    let readers = (2 * height / shape[1] + 2) * (2 * width / shape[2] + 2)
    return OpCase(
      "\(shape) to \(height) by \(width), corners \(corners)", inputs: [.random(shape)],
      gradientTerms: readers,
      build: { graph, inputs in
        try graph.emit(
          ResizeBilinear(height: height, width: width, alignCorners: corners), inputs, path: "up")
      },
      reference: { [resize($0[0], height, width, corners)] })
  }

  /// Position in the input of output pixel `index`; in Float, as PyTorch has it.
  static func source(_ index: Int, _ input: Int, _ output: Int, _ corners: Bool) -> Double {
    if corners {
      let scale = output > 1 ? Float(input - 1) / Float(output - 1) : 0
      return Double(scale * Float(index))
    }
    let scale = Double(Float(input) / Float(output))
    return Double(Float(max(0, scale * (Double(index) + 0.5) - 0.5)))
  }

  static func resize(_ x: Reference, _ height: Int, _ width: Int, _ corners: Bool) -> Reference {
    var y = Reference(zeros: [x.shape[0], height, width, x.shape[3]])
    for p in 0..<height {
      let row = source(p, x.shape[1], height, corners)
      let top = min(Int(row), x.shape[1] - 1)
      let bottom = min(top + 1, x.shape[1] - 1)
      for q in 0..<width {
        let column = source(q, x.shape[2], width, corners)
        let left = min(Int(column), x.shape[2] - 1)
        let right = min(left + 1, x.shape[2] - 1)
        let (down, across) = (row - Double(top), column - Double(left))
        for n in 0..<x.shape[0] {
          for c in 0..<x.shape[3] {
            y[n, p, q, c] =
              (1 - down) * ((1 - across) * x[n, top, left, c] + across * x[n, top, right, c])
              + down * ((1 - across) * x[n, bottom, left, c] + across * x[n, bottom, right, c])
          }
        }
      }
    }
    return y
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  struct Golden: Sendable {
    var height: Int
    var width: Int
    var corners: Bool
    var output: [Float]
    var gradient: [Float]
  }

  /// From PyTorch 2.15:
  ///
  ///     x = torch.tensor([[1., -2., 4.], [3., 8., -5.]], requires_grad=True)
  ///     y = F.interpolate(x[None, None], size=(height, width), mode='bilinear', align_corners=corners)[0, 0]
  ///     y.backward(torch.arange(1., y.numel() + 1).reshape(y.shape))
  @Test(arguments: [
    Golden(
      height: 3, width: 5, corners: true,
      output: [1, -0.5, -2, 1, 4, 2, 2.5, 3, 1.25, -0.5, 3, 5.5, 8, 1.5, -5],
      gradient: [6.75, 14, 14.25, 21.75, 34, 29.25]),
    Golden(
      height: 3, width: 5, corners: false,
      output: [
        1, -0.2000001, -2, 1.6000009, 4, 2, 2.4, 3, 0.8999995, -0.5, 3, 5.0000005, 8, 0.1999984, -5,
      ],
      gradient: [7.3, 12.6, 15.1, 23.3, 30.6, 31.1]),
    Golden(height: 1, width: 2, corners: true, output: [1, 4], gradient: [1, 0, 2, 0, 0, 0]),
    Golden(
      height: 1, width: 2, corners: false, output: [2.25, 0.375],
      gradient: [0.375, 0.375, 0.75, 0.375, 0.375, 0.75]),
    Golden(
      height: 4, width: 3, corners: true,
      output: [
        1, -2, 4, 1.6666666, 1.3333335, 0.99999976, 2.3333333, 4.6666667, -2.0000002, 3, 8, -5,
      ],
      gradient: [6, 8, 10, 16, 18, 20]),
    Golden(
      height: 4, width: 3, corners: false,
      output: [1, -2, 4, 1.5, 0.5, 1.75, 2.5, 5.5, -2.75, 3, 8, -5],
      gradient: [5.75, 7.75, 9.75, 16.25, 18.25, 20.25]),
    Golden(
      height: 5, width: 1, corners: false, output: [-2, -0.9999999, 3, 7.0000005, 8],
      gradient: [0, 4.7, 0, 0, 10.3, 0]),
  ])
  func agreesWithPyTorch(_ golden: Golden) throws {
    let run = try OpRun(
      [([1, 2, 3, 1], [1, -2, 4, 3, 8, -5])],
      seed: (1...golden.height * golden.width).map { Float($0) }
    ) { graph, inputs in
      try graph.emit(
        ResizeBilinear(height: golden.height, width: golden.width, alignCorners: golden.corners),
        inputs, path: "up")
    }
    for (found, expected) in zip(
      run.outputs[0] + run.gradients[0], golden.output + golden.gradient)
    {
      // Relative to the largest value that enters, 8 and 15.
      #expect(abs(found - expected) <= 1e-6 * 8)
    }
  }

  /// What is not a number stays where it is, also beside lanes shared with the next pixel.
  @Test func spreadsNaNNoFurtherThanItsNeighbours() throws {
    var values = OpRun.floats(4 * 4 * 5)
    values[(1 * 4 + 2) * 5 + 4] = .nan
    let run = try OpRun([([1, 4, 4, 5], values)], seed: OpRun.floats(8 * 8 * 5)) { graph, inputs in
      try graph.emit(
        ResizeBilinear(height: 8, width: 8, alignCorners: false), inputs, path: "up")
    }
    for (index, value) in run.outputs[0].enumerated() where value.isNaN {
      let (row, column, channel) = (index / 40, index / 5 % 8, index % 5)
      #expect(channel == 4 && (0...5).contains(row) && (3...6).contains(column))
    }
    #expect(run.outputs[0].contains { $0.isNaN })
    #expect(run.gradients[0].allSatisfy { $0.isFinite })
  }

  @Test(arguments: [
    (
      ResizeBilinear(height: 0, width: 3, alignCorners: true), TensorType([1, 2, 2, 3]),
      "the new size is at least 1 by 1, found 0 by 3"
    ),
    (
      ResizeBilinear(height: 2, width: 3, alignCorners: true), TensorType([2, 2, 3]),
      "takes float32[N, H, W, C], found float32[2, 2, 3]"
    ),
    (
      ResizeBilinear(height: 2, width: 3, alignCorners: true), TensorType([1, 2, 0, 3]),
      "there are no pixels in float32[1, 2, 0, 3]"
    ),
  ])
  func explains(_ op: ResizeBilinear, _ type: TensorType, _ expected: String) {
    let message = OpCheck.message([type]) { graph, inputs in
      try graph.emit(op, inputs, path: "classifier")
    }
    #expect(message == "classifier: resize_bilinear: \(expected)")
  }
}
