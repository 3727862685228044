import CSegKernels
import SegCore
import SegEngine
import SegTestSupport
import Testing

@Suite struct DropoutTests {
  static let cases: [OpCase] = [
    dropping([1], 0.5), dropping([3, 5, 7], 0.1), dropping([1, 30, 37, 31], 0.9),
    dropping([2, 9], 0),
  ]

  static func dropping(_ shape: Shape, _ probability: Double) -> OpCase {
    OpCase(
      "\(shape) with \(probability)", inputs: [.random(shape)],
      build: { graph, inputs in
        try graph.emit(Dropout(probability: probability, stream: 4), inputs, path: "dropout")
      },
      reference: { inputs in
        let values = inputs[0].values.enumerated().map { index, value in
          sk_dropout_keeps(probability, 0, 0, 4, index) == 1 ? value / (1 - probability) : 0
        }
        return [Reference(inputs[0].shape, values)]
      })
  }

  @Test(arguments: cases) func agrees(_ testCase: OpCase) throws { try OpCheck(testCase).run() }

  static let count = 100_003

  /// The mask of a run over ones, and the gradient of ones.
  static func masks(
    probability: Double = 0.3, seed: UInt64 = 1, step: UInt64 = 2, stream: UInt64 = 3,
    threads: Int = 1, variant: VectorVariant = .current
  ) throws -> (forward: [Float], gradient: [Float]) {
    let ones = [Float](repeating: 1, count: count)
    var context = StepContext()
    context.seed = seed
    context.step = step
    let run = try OpRun(
      [([count], ones)], seed: ones, step: context, threads: threads, variant: variant
    ) { graph, inputs in
      try graph.emit(Dropout(probability: probability, stream: stream), inputs, path: "dropout")
    }
    return (run.outputs[0], run.gradients[0])
  }

  @Test(arguments: [0.05, 0.1, 0.3, 0.5, 0.9]) func keepsTheRightShare(_ probability: Double) throws
  {
    let mask = try Self.masks(probability: probability).forward
    let kept = Double(mask.filter { $0 != 0 }.count)
    let expected = Double(Self.count) * (1 - probability)
    let deviation = (expected * probability).squareRoot()
    #expect(abs(kept - expected) < 4 * deviation)
    #expect(mask.allSatisfy { $0 == 0 || $0 == Float(1 / (1 - probability)) })
  }

  @Test func usesOneMaskInBothPassesAndEverywhere() throws {
    let (forward, gradient) = try Self.masks()
    #expect(forward == gradient)
    for variant in VectorVariant.supported {
      for threads in [1, 2, 5] {
        let other = try Self.masks(threads: threads, variant: variant)
        #expect(other.forward == forward && other.gradient == forward)
      }
    }
    let exported = (0..<Self.count).map { sk_dropout_keeps(0.3, 1, 2, 3, $0) == 1 }
    #expect(forward.map { $0 != 0 } == exported)
  }

  /// Masks of other keys, and the mask against itself some elements on, agree as often as chance has it.
  @Test func isIndependentOfEverythingElse() throws {
    let mask = try Self.masks(probability: 0.5).forward
    var others: [(String, ArraySlice<Float>)] = []
    for key in [0, 1, 3, 4, 1 << 32, 1 << 63] as [UInt64] {
      if key != 1 {
        others.append(("seed \(key)", try Self.masks(probability: 0.5, seed: key).0[...]))
      }
      others.append(("step \(key)", try Self.masks(probability: 0.5, step: key).0[...]))
      if key != 3 {
        others.append(("stream \(key)", try Self.masks(probability: 0.5, stream: key).0[...]))
      }
    }
    // Neighbours, rows, and the blocks that share a key.
    for shift in [1, 2, 3, 4, 8, 16, 64, 256, 1024, 4096, 16384, 32768, 65536] {
      others.append(("shift \(shift)", mask[shift...]))
    }
    for (name, other) in others {
      let equal = Double(zip(mask, other).filter { $0 == $1 }.count)
      let count = Double(other.count)
      #expect(abs(equal - count / 2) < 4.5 * (count / 4).squareRoot(), "\(name)")
    }
  }

  @Test(arguments: [1, -0.1, 1.5, Double.nan]) func refuses(_ probability: Double) {
    let message = OpCheck.message([TensorType([3])]) { graph, inputs in
      try graph.emit(Dropout(probability: probability, stream: 0), inputs, path: "head.3")
    }
    #expect(
      message == "head.3: dropout: probability is from 0 to below 1, found \(probability)")
  }

  @Test func wantsFloats() {
    let message = OpCheck.message([TensorType([3], .uint8)]) { graph, inputs in
      try graph.emit(Dropout(probability: 0.5, stream: 0), inputs, path: "head.3")
    }
    #expect(message == "head.3: dropout: takes float32, found uint8[3]")
  }
}
