import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct MaxPoolTests {
  static let cases: [OpCase] = [
    pooling([2, 7, 9, 5], kernel: 3, stride: 2, padding: 1),
    pooling([1, 8, 6, 19], kernel: 3, stride: 2, padding: 1),
    pooling([2, 6, 8, 16], kernel: 2, stride: 2, padding: 0),
    pooling([1, 5, 7, 33], kernel: 3, stride: 1, padding: 1),
    pooling([1, 9, 10, 4], kernel: 2, stride: 3, padding: 0),
    pooling([1, 11, 7, 17], kernel: 5, stride: 2, padding: 2),
    pooling([1, 1, 1, 3], kernel: 2, stride: 1, padding: 1),
    pooling([1, 17, 18, 16], kernel: 16, stride: 1, padding: 0),
    pooling([2, 3, 4, 6], kernel: 1, stride: 1, padding: 0),
  ]

  static func pooling(_ shape: Shape, kernel: Int, stride: Int, padding: Int) -> OpCase {
    // Distinct values 0.01 apart in mixed order: no step of the difference quotient changes a winner.
    let values = (0..<shape.count).map { Double(Float($0 * 7919 % 10007) * 0.01) }
    var input = OpInput.fixed(shape, values)
    input.isDifferentiable = true
    let windows = (kernel + stride - 1) / stride
    return OpCase(
      "\(shape) kernel \(kernel) stride \(stride) padding \(padding)", inputs: [input],
      gradientTerms: windows * windows,
      build: { graph, inputs in
        try graph.emit(
          MaxPool(kernel: kernel, stride: stride, padding: padding), inputs, path: "pool")
      },
      reference: { pool($0[0], kernel, stride, padding) })
  }

  /// Values and positions.
  static func pool(_ x: Reference, _ kernel: Int, _ stride: Int, _ padding: Int) -> [Reference] {
    let (height, width) = (x.shape[1], x.shape[2])
    let shape: Shape = [
      x.shape[0], (height + 2 * padding - kernel) / stride + 1,
      (width + 2 * padding - kernel) / stride + 1, x.shape[3],
    ]
    var (y, places) = (Reference(zeros: shape), Reference(zeros: shape))
    for n in 0..<shape[0] {
      for p in 0..<shape[1] {
        for q in 0..<shape[2] {
          for c in 0..<shape[3] {
            var most = -Double.infinity
            for r in 0..<kernel {
              for s in 0..<kernel {
                let (h, w) = (p * stride - padding + r, q * stride - padding + s)
                guard 0..<height ~= h, 0..<width ~= w, x[n, h, w, c] > most else { continue }
                most = x[n, h, w, c]
                places[n, p, q, c] = Double(r * kernel + s)
              }
            }
            y[n, p, q, c] = most
          }
        }
      }
    }
    return [y, places]
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  struct Special: Sendable {
    var window: [Float]
    var value: Float
    var place: Float
  }

  /// As PyTorch: the first of equals, the last NaN, minus infinity where nothing is larger.
  @Test(arguments: [
    Special(window: [1, 3, 3, 2], value: 3, place: 1),
    Special(window: [0, 0, 0, 0], value: 0, place: 0),
    Special(window: [5, .nan, 7, 6], value: .nan, place: 1),
    Special(window: [.nan, 9, .nan, 1], value: .nan, place: 2),
    Special(window: [-.infinity, -.infinity, -.infinity, -.infinity], value: -.infinity, place: 0),
    Special(window: [-0.0, 0, 1, .infinity], value: .infinity, place: 3),
  ])
  func breaksTiesAsPyTorch(_ special: Special) throws {
    for channels in [1, 16] {  // one lane, and a whole vector
      let values = special.window.flatMap { [Float](repeating: $0, count: channels) }
      let run = try OpRun([([1, 2, 2, channels], values)]) { graph, inputs in
        try graph.emit(MaxPool(kernel: 2, stride: 2), inputs, path: "pool")
      }
      #expect(run.outputs[0].allSatisfy { $0 == special.value || special.value.isNaN && $0.isNaN })
      #expect(run.outputs[1].allSatisfy { $0 == special.place })
    }
  }

  @Test func givesTheGradientToOneOfEquals() throws {
    let run = try OpRun(
      [([1, 3, 3, 1], [Float](repeating: 2, count: 9))], seed: [1, 10, 100, 1000]
    ) { graph, inputs in
      try graph.emit(MaxPool(kernel: 2, stride: 1), inputs, path: "pool")
    }
    #expect(run.gradients[0] == [1, 10, 0, 100, 1000, 0, 0, 0, 0])
  }

  @Test(arguments: [
    (MaxPool(kernel: 3, stride: 2, padding: 2), "padding is 0 to half of the kernel (1), found 2"),
    (
      MaxPool(kernel: 3, stride: 2, padding: -1), "padding is 0 to half of the kernel (1), found -1"
    ),
    (MaxPool(kernel: 17, stride: 2), "kernel is 1 to 16, found 17"),
    (MaxPool(kernel: 0, stride: 2), "kernel is 1 to 16, found 0"),
    (MaxPool(kernel: 3, stride: 0), "stride is at least 1, found 0"),
    (
      MaxPool(kernel: 7, stride: 1, padding: 1),
      "a window of 7 with padding 1 does not fit into float32[1, 8, 4, 2]"
    ),
  ])
  func explains(_ op: MaxPool, _ expected: String) {
    let message = OpCheck.message([TensorType([1, 8, 4, 2])]) { graph, inputs in
      try graph.emit(op, inputs, path: "stem.pool")
    }
    #expect(message == "stem.pool: max_pool: \(expected)")
  }

  @Test func wantsPictures() {
    let message = OpCheck.message([TensorType([4, 2])]) { graph, inputs in
      try graph.emit(MaxPool(kernel: 2, stride: 2), inputs, path: "pool")
    }
    #expect(message == "pool: max_pool: takes float32[N, H, W, C], found float32[4, 2]")
  }
}
