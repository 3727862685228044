import SegCore
import SegEngine
import SegTestSupport
import Testing

/// What every plan promises, on random graphs under every policy, told from its steps and places alone.
@Suite struct PlanPropertyTests {
  static let graphs = 0..<80

  @Test(arguments: graphs) func valuesNeverShareMemoryWhileBothLive(_ seed: Int) throws {
    for policy in RecomputePolicy.allCases {
      let made = try RandomGraph(seed)
      let plan = Plan(made.graph, keeping: made.kept, recompute: policy)
      let lives = Life.all(plan, kept: made.kept)
      for (index, one) in lives.enumerated() {
        for other in lives[..<index] where one.overlaps(other) && !one.follows(other, plan) {
          Issue.record("\(policy): \(one) and \(other)")
        }
      }
    }
  }

  @Test(arguments: graphs) func everythingLiesInTheArena(_ seed: Int) throws {
    for policy in RecomputePolicy.allCases {
      let made = try RandomGraph(seed)
      let plan = Plan(made.graph, keeping: made.kept, recompute: policy)
      let lives = Life.all(plan, kept: made.kept)
      #expect(lives.allSatisfy { $0.place.lowerBound >= 0 && $0.place.lowerBound % 64 == 0 })
      #expect(lives.map(\.place.upperBound).max() ?? 0 <= plan.activationBytes)
      #expect(plan.activationBytes >= plan.lowerBoundBytes)
      // Every value of a step has a place of some kind.
      for step in plan.steps {
        for value in step.inputs + step.outputs { #expect(plan.locations[value.index] != nil) }
      }
    }
  }

  @Test(arguments: graphs) func lessIsKeptAndNeverMore(_ seed: Int) throws {
    let made = try RandomGraph(seed)
    let least = RecomputePolicy.allCases.map {
      Plan(made.graph, keeping: made.kept, recompute: $0).lowerBoundBytes
    }
    #expect(least[1] <= least[0] && least[2] <= least[1], "\(least)")
  }

  /// Shared memory, memory of its own for every value, all policies, one to three threads: the same bits.
  @Test(arguments: graphs) func sameBits(_ seed: Int) throws {
    let made = try RandomGraph(seed)
    let expected = try made.run(Plan(made.graph, keeping: made.kept, placement: .separate))
    #expect(!expected.isEmpty)
    for policy in RecomputePolicy.allCases {
      for (placement, guardBytes) in [(Placement.shared, 0), (.shared, 64), (.separate, 64)] {
        let plan = Plan(
          made.graph, keeping: made.kept, recompute: policy, placement: placement,
          guardBytes: guardBytes)
        let found = try made.run(plan, threads: 1 + seed % 3)
        #expect(found == expected, "\(policy), \(placement)")
      }
    }
  }

  /// The graphs above are no test of operations that never meet in them.
  @Test func everyWayToOverwriteIsMet() throws {
    var met: Set<String> = []
    for (seed, policy) in Self.graphs.flatMap({ seed in RecomputePolicy.allCases.map { (seed, $0) }
    }) {
      let made = try RandomGraph(seed)
      let plan = Plan(made.graph, keeping: made.kept, recompute: policy)
      for step in plan.steps {
        guard let output = step.outputs.first, let place = plan.locations[output.index] else {
          continue
        }
        for position in step.op.traits.overwrites
        where plan.locations[step.inputs[position].index] == place {
          met.insert("\(type(of: step.op).name) \(position)")
        }
      }
    }
    let wanted: Set = [
      "add 0", "add 1", "relu 0", "relu_gradient 0", "relu_gradient 1", "dropout 0",
      "batch_norm_gradient_input 0", "batch_norm_gradient_input 1", "add_relu 0", "add_relu 1",
      "batch_norm_residual_gradient 0", "conv2d_residual_input_gradient 6", "batch_norm_apply 0",
      "batch_norm_apply 5",
    ]
    #expect(wanted.subtracting(met) == [])
  }
}

/// When a value is in use, both steps included, and where it lies.
private struct Life: CustomStringConvertible {
  var value: Value
  var first, last: Int
  var place: Range<Int>

  var description: String { "value \(value.index), steps \(first) to \(last), bytes \(place)" }

  static func all(_ plan: Plan, kept: [Tensor]) -> [Life] {
    var lives: [Int: Life] = [:]
    for (index, step) in plan.steps.enumerated() {
      for value in step.outputs + step.inputs {
        guard case .arena(.activations, let offset) = plan.locations[value.index] else { continue }
        let place = offset..<offset + plan.types[value.index].byteCount
        lives[value.index, default: Life(value: value, first: index, last: index, place: place)]
          .last = index
      }
    }
    for tensor in kept { lives[tensor.value.index]?.last = plan.steps.count }
    return lives.values.sorted { $0.value.index < $1.value.index }
  }

  func overlaps(_ other: Life) -> Bool {
    first <= other.last && other.first <= last && place.overlaps(other.place)
  }

  /// Whether one of the two is written exactly over the other in the step that reads it for the last time.
  func follows(_ other: Life, _ plan: Plan) -> Bool {
    let (earlier, later) = first < other.first ? (self, other) : (other, self)
    guard earlier.last == later.first, place == other.place else { return false }
    let step = plan.steps[later.first]
    guard step.outputs[0] == later.value, !step.accumulates[0] else { return false }
    let positions = step.inputs.indices.filter { step.inputs[$0] == earlier.value }
    return positions.count == 1 && step.op.traits.overwrites.contains(positions[0])
  }
}
