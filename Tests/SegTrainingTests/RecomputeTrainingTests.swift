import Glibc
import SegCore
import SegEngine
import SegModels
import SegTestSupport
import SegTraining
import Testing

/// Training under every recompute policy: the same bits, less memory.
@Suite(.serialized) struct RecomputeTrainingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var architecture: Architecture
    var policy: RecomputePolicy

    var testDescription: String { "\(architecture.name), \(policy)" }
  }

  static let cases = [Architecture.deepLabV3, .fcn].flatMap { architecture in
    [RecomputePolicy.cheap, .segments].map { Case(architecture: architecture, policy: $0) }
  }

  /// Dropout, auxiliary head, several threads, and memory full of NaN where every value has its own.
  @Test(arguments: cases) func sameBits(_ example: Case) throws {
    func training(
      _ policy: RecomputePolicy, threads: Int, placement: Placement = .shared
    ) throws -> SmallTraining {
      try SmallTraining(
        architecture: example.architecture, threads: threads,
        engine: EngineConfig(recompute: policy), placement: placement)
    }
    let expected = try training(.none, threads: 1)
    var others = try (1...3).map { try training(example.policy, threads: $0) }
    others.append(try training(example.policy, threads: 2, placement: .separate))
    for step in 0..<2 {
      for run in [expected] + others {
        run.executor.poison(byte: 0xFF)
        run.run(step)
      }
      for (index, run) in others.enumerated() {
        #expect(run.difference(from: expected) == nil, "step \(step), run \(index)")
      }
      for run in [expected] + others { run.update(step) }
    }
    for run in others { #expect(run.difference(from: expected) == nil) }
  }

  /// Accumulated gradients too.
  @Test func accumulationHasTheSameBits() throws {
    let runs = try RecomputePolicy.allCases.map {
      try SmallTraining(engine: EngineConfig(recompute: $0))
    }
    for run in runs {
      run.run(0)
      run.run(1, accumulating: true)
    }
    for run in runs { #expect(run.difference(from: runs[0]) == nil) }
  }

  struct Shape: Sendable {
    var outputStride: Int
    var isDeepLab: Bool
  }

  static let shapes = [8, 16].flatMap { stride in
    [true, false].map { Shape(outputStride: stride, isDeepLab: $0) }
  }

  /// Fusion by itself keeps no rectified value between a normalisation and a convolution, which leaves less to
  /// what is cheap.
  @Test(arguments: shapes, [true, false])
  func eachPolicyNeedsLess(_ shape: Shape, fusion: Bool) throws {
    let plans = try RecomputePolicy.allCases.map { policy in
      let network = Network(
        ModelOptions(
          architecture: shape.isDeepLab ? .deepLabV3 : .fcn, classes: 10,
          outputStride: shape.outputStride))
      return try SmallTraining.plan(
        network, trainable: network.store.parameters,
        engine: EngineConfig(recompute: policy, fusion: fusion),
        batch: 4, height: 192, width: 384
      ).plan
    }
    let bytes = plans.map(\.activationBytes)
    #expect(Double(bytes[1]) < (fusion ? 0.85 : 0.75) * Double(bytes[0]), "\(bytes)")
    #expect(Double(bytes[2]) < 0.75 * Double(bytes[1]), "\(bytes)")
    for plan in plans {
      // What packing costs beyond the largest sum of values alive at one moment.
      let loss = Double(plan.activationBytes) / Double(plan.lowerBoundBytes) - 1
      #expect(loss <= 0.03, "\(bytes): \(plan.activationBytes) and \(plan.lowerBoundBytes)")
    }
  }
}
