import SegCore
import SegEngine
import SegModels
import SegNN
import SegTestSupport
import Testing

/// What networks start with has torchvision's distribution.
@Suite(.serialized) struct InitialisationTests {
  /// Moments of a distribution around 0, and the variances of one draw's contribution to them.
  private struct Moments {
    var second, fourth: Double
    var varianceOfSecond, varianceOfFourth: Double

    /// `normal`: parameter is σ. `uniform`: parameter is the bound.
    init?(_ rule: String, _ parameter: Double) {
      let square = parameter * parameter
      let fourthPower = square * square
      switch rule {
      case "normal":
        (second, fourth) = (square, 3 * fourthPower)
        (varianceOfSecond, varianceOfFourth) = (2 * fourthPower, 96 * fourthPower * fourthPower)
      case "uniform":
        (second, fourth) = (square / 3, fourthPower / 5)
        (varianceOfSecond, varianceOfFourth) = (
          4 * fourthPower / 45, 16 * fourthPower * fourthPower / 225
        )
      default: return nil
      }
    }
  }

  /// First, second and fourth moment of each tensor are within five standard errors of the distribution's, as those of
  /// an honest sample are but once in 1.7 million. The seed is fixed, so the outcome is too. The fourth moment tells a
  /// normal (3σ⁴) from a uniform distribution (1.8σ⁴).
  @Test(arguments: ["deeplabv3", "deeplabv3plus", "fcn"]) func followsPyTorch(_ name: String) throws
  {
    let golden: GoldenInitialisation = try GoldenFile.load("initialisation")
    let network = try #require(golden.networks.first { $0.architecture == name })
    let fixture = ModelFixture(try #require(Architecture.named(name)), auxHead: true)
    try fixture.store.reserve(gradients: false)
    fixture.declarations.initialize(seed: 1)
    #expect(network.entries.map(\.name) == fixture.store.keys.map(\.name))
    for (key, entry) in zip(fixture.store.keys, network.entries) {
      let values = Self.values(key, fixture.store)
      #expect(values.count == entry.elements, "\(entry.name)")
      guard let expected = Moments(entry.rule, entry.parameter) else {
        #expect(entry.rule == "constant" && values.allSatisfy { Double($0) == entry.parameter })
        continue
      }
      check(values, expected, entry.name)
      let largest = Double(values.map { abs($0) }.max() ?? 0)
      if entry.rule == "uniform" {
        #expect(largest <= entry.parameter * (1 + 0x1p-23), "\(entry.name)")
        // The largest of n stays below (1 - 14/n) of the bound once in a million.
        #expect(largest > entry.parameter * (1 - 14 / Double(values.count)), "\(entry.name)")
      } else {
        // 7σ is exceeded once in 4·10¹¹ draws; there are 10⁷ here.
        #expect(largest < 7 * entry.parameter, "\(entry.name)")
      }
    }
  }

  private func check(_ values: [Float], _ expected: Moments, _ name: String) {
    var (first, second, fourth) = (0.0, 0.0, 0.0)
    for value in values {
      let square = Double(value) * Double(value)
      first += Double(value)
      second += square
      fourth += square * square
    }
    let count = Double(values.count)
    #expect(abs(first / count) < 5 * (expected.second / count).squareRoot(), "\(name): mean")
    #expect(
      abs(second / count - expected.second) < 5 * (expected.varianceOfSecond / count).squareRoot(),
      "\(name): second moment")
    #expect(
      abs(fourth / count - expected.fourth) < 5 * (expected.varianceOfFourth / count).squareRoot(),
      "\(name): fourth moment")
  }

  private static func values(_ key: ParameterStore.Key, _ store: ParameterStore) -> [Float] {
    switch key {
    case .parameter(let parameter): store.values(of: parameter)
    case .buffer(let buffer):
      buffer.type.dtype == .float32 ? store.values(of: buffer) : [Float(store.counter(buffer))]
    }
  }

  @Test func seedsDecide() throws {
    func start(_ seed: UInt64) throws -> ModelFixture {
      let fixture = ModelFixture(.fcn, auxHead: true)
      try fixture.store.reserve(gradients: false)
      fixture.declarations.initialize(seed: seed)
      return fixture
    }
    let (first, same, other) = (try start(1), try start(1), try start(2))
    #expect(Array(first.store.flatParameters) == Array(same.store.flatParameters))
    for parameter in first.store.parameters {
      let values = first.store.values(of: parameter)
      let isConstant = values.allSatisfy { $0 == values[0] }
      #expect((other.store.values(of: parameter) == values) == isConstant, "\(parameter.name)")
    }
  }

  /// Tensors of one shape and distribution are drawn apart, and initialising again starts anew.
  @Test func namesDecide() throws {
    let fixture = ModelFixture(.fcn)
    try fixture.store.reserve(gradients: false)
    fixture.declarations.initialize(seed: 1)
    let twins = fixture.store.parameters.filter { $0.filedShape == [512, 512, 3, 3] }
    #expect(twins.count == 3)
    #expect(Set(twins.map { fixture.store.values(of: $0) }).count == twins.count)

    let before = Array(fixture.store.flatParameters)
    fixture.store.updateParameters { $0.update(repeating: 9) }
    let tracked = try #require(fixture.store.buffers.first { $0.type.dtype == .int64 })
    fixture.store.setCounter(tracked, to: 7)
    fixture.declarations.initialize(seed: 1)
    for parameter in fixture.store.parameters {
      let range = fixture.store.range(of: parameter)
      #expect(Array(fixture.store.flatParameters[range]) == Array(before[range]))
    }
    #expect(fixture.store.counter(tracked) == 0)
  }
}
