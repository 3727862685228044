import SegCore
import SegEngine
import SegOptim
import Testing

/// Five steps of an optimiser and what torch made of them.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var optimizer: any Optimizer
  var learningRate: Double
  /// Parameters after each step.
  var steps: [[Float]]
  /// States after the last step, by name.
  var states: [(name: String, values: [Float])]
}

@Suite struct OptimizerTests {
  // Numbers of torch 2.15.0, printed with 9 digits, from
  //
  //   theta = torch.nn.Parameter(torch.tensor([1.0, -0.5, 0.25, 2.0]))
  //   opt = torch.optim.SGD([theta], lr=0.1, ...)        # arguments as in each case
  //   for step in range(5):
  //       i = torch.arange(4)
  //       theta.grad = ((3 * i + 5 * step) % 7 - 3) * 0.125
  //       opt.step(); print(theta)
  //   print(opt.state[theta])
  static let cases: [OptimizerCase] = [
    OptimizerCase(
      testDescription: "SGD(lr=0.1)", optimizer: SGD(momentum: 0), learningRate: 0.1,
      steps: [
        [1.03750002, -0.5, 0.212500006, 2.01250005],
        [1.01250005, -0.474999994, 0.200000003, 2.04999995],
        [1.01250005, -0.512499988, 0.212500006, 2.02499986],
        [1.03750002, -0.524999976, 0.25, 2.02499986],
        [1, -0.512499988, 0.224999994, 2.04999995],
      ], states: []),
    OptimizerCase(
      testDescription: "SGD(lr=0.1, momentum=0.9, weight_decay=0.01)",
      optimizer: SGD(momentum: 0.9, weightDecay: 0.01), learningRate: 0.1,
      steps: [
        [1.03649998, -0.499500006, 0.212249994, 2.01049995],
        [1.0433135, -0.473550498, 0.165562749, 2.05543947],
        [1.04840231, -0.487222403, 0.135878667, 2.06882954],
        [1.07693386, -0.511539876, 0.146527112, 2.07881188],
        [1.0640353, -0.520414054, 0.13096419, 2.11071706],
      ],
      states: [
        ("momentum_buffer", [0.128985375, 0.0887419879, 0.155629262, -0.319052279])
      ]),
    OptimizerCase(
      testDescription: "Adam(lr=0.01)", optimizer: Adam(), learningRate: 0.01,
      steps: [
        [1.00999999, -0.5, 0.239999995, 2.00999999],
        [1.01144516, -0.492558628, 0.231289357, 2.01917791],
        [1.01256227, -0.494685054, 0.22679767, 2.02175689],
        [1.01618409, -0.497917533, 0.227971941, 2.02386951],
        [1.01544547, -0.499146968, 0.226648539, 2.028018],
      ],
      states: [
        ("exp_avg", [0.00862125028, 0.010900001, 0.0148412492, -0.0402887501]),
        ("exp_avg_sq", [0.000405438535, 0.000233890969, 0.000374219671, 0.000280641223]),
      ]),
    OptimizerCase(
      testDescription: "Adam(lr=0.01, betas=(0.8, 0.99), eps=1e-4, weight_decay=0.1)",
      optimizer: Adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-4, weightDecay: 0.1),
      learningRate: 0.01,
      steps: [
        [1.00999641, -0.490019947, 0.240002498, 1.99001336],
        [1.00769031, -0.481259018, 0.231356353, 1.9947654],
        [1.00449443, -0.482142806, 0.226919323, 1.98960555],
        [1.00428391, -0.483958453, 0.228529125, 1.98340237],
        [0.999502659, -0.482910156, 0.226763308, 1.97918975],
      ],
      states: [
        ("exp_avg", [0.0974703953, -0.015267374, 0.0331882834, 0.0671564713]),
        ("exp_avg_sq", [0.00450312812, 0.00229771971, 0.00382735417, 0.00275325845]),
      ]),
  ]

  @Test(arguments: cases) func followsTorch(_ testCase: OptimizerCase) {
    let pool = ThreadPool(threads: 2)
    let run = OptimizerRun(testCase.optimizer, parameters: [1, -0.5, 0.25, 2])
    for (step, expected) in testCase.steps.enumerated() {
      for index in 0..<4 {
        run.gradients[index] = Float((3 * index + 5 * step) % 7 - 3) * 0.125
      }
      run.update(step: step + 1, learningRate: testCase.learningRate, pool: pool)
      for index in 0..<4 {
        // A few roundings a step; torch rounds in another order.
        #expect(abs(run.parameters[index] - expected[index]) <= 4e-7 * abs(expected[index]))
      }
    }
    #expect(testCase.states.map(\.name) == testCase.optimizer.stateNames)
    for (block, expected) in zip(run.state, testCase.states) {
      for index in 0..<4 {
        #expect(abs(block[index] - expected.values[index]) <= 4e-7)
      }
    }
  }

  /// 1, 2, 3 and 5 threads, in one range or in several, give the same bits; so do the vector variants.
  @Test(arguments: cases) func isDeterministic(_ testCase: OptimizerCase) {
    let count = 100_003
    func values(_ pool: ThreadPool, ranges: [Range<Int>]) -> [[Float]] {
      var rng = CounterRNG(seed: 3, stream: 4)
      let start = (0..<count).map { _ in Float(rng.uniform(-1, 1)) }
      let run = OptimizerRun(testCase.optimizer, parameters: start)
      for step in 1...3 {
        for index in 0..<count { run.gradients[index] = Float(rng.uniform(-1, 1)) }
        for range in ranges {
          run.update(range, step: step, learningRate: testCase.learningRate, pool: pool)
        }
      }
      return ([run.parameters] + run.state).map { Array($0) }
    }
    let expected = values(ThreadPool(threads: 1), ranges: [0..<count])
    for threads in [2, 3, 5] {
      #expect(values(ThreadPool(threads: threads), ranges: [0..<count]) == expected)
    }
    for variant in VectorVariant.supported {
      let pool = ThreadPool(threads: 2, variant: variant)
      #expect(values(pool, ranges: [0..<40_001, 40_001..<count]) == expected)
    }
  }

  @Test(arguments: cases) func movesOnlyItsRange(_ testCase: OptimizerCase) {
    let run = OptimizerRun(testCase.optimizer, parameters: [Float](repeating: 1, count: 100))
    for index in 0..<100 { run.gradients[index] = 1 }
    run.update(17..<50, step: 1, learningRate: 0.1, pool: ThreadPool(threads: 1))
    for index in 0..<100 {
      let isInside = (17..<50).contains(index)
      #expect((run.parameters[index] != 1) == isInside)
      for block in run.state { #expect((block[index] != 0) == isInside) }
    }
    run.update(50..<50, step: 2, learningRate: 0.1, pool: ThreadPool(threads: 1))
    #expect(run.parameters[50] == 1)
  }
}
