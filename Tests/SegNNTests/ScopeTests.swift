import SegCore
import SegEngine
import SegNN
import Testing

@Suite struct ScopeTests {
  @Test func namesFollowThePath() {
    let declarations = Declarations()
    let scope = Scope(declarations) / "backbone" / "layer1" / 0
    _ = BatchNorm2d(scope / "bn1", 4)
    _ = Conv2d(scope / "conv1", 3, 4, kernel: 3, bias: true)
    #expect(
      declarations.store.keys.map(\.name) == [
        "backbone.layer1.0.bn1.weight", "backbone.layer1.0.bn1.bias",
        "backbone.layer1.0.bn1.running_mean", "backbone.layer1.0.bn1.running_var",
        "backbone.layer1.0.bn1.num_batches_tracked", "backbone.layer1.0.conv1.weight",
        "backbone.layer1.0.conv1.bias",
      ])
  }

  /// Running statistics are no parameters: no optimiser can be handed one.
  @Test func statisticsAreNotParameters() {
    let declarations = Declarations()
    _ = BatchNorm2d(Scope(declarations) / "bn", 4)
    #expect(declarations.store.parameters.map(\.name) == ["bn.weight", "bn.bias"])
    #expect(declarations.store.parameterCount == 8)
  }

  @Test func startsAsDeclared() throws {
    let declarations = Declarations()
    _ = BatchNorm2d(Scope(declarations) / "bn", 2)
    try declarations.store.reserve(gradients: false)
    declarations.initialize(seed: 3)
    let store = declarations.store
    #expect(store.values(of: store.parameters[0]) == [1, 1])
    #expect(store.values(of: store.parameters[1]) == [0, 0])
    #expect(store.values(of: store.buffers[0]) == [0, 0])
    #expect(store.values(of: store.buffers[1]) == [1, 1])
    #expect(store.counter(store.buffers[2]) == 0)
  }

  /// Files hold `[O, I, H, W]`, memory `[H, W, I, O]`; what goes in comes out.
  @Test func layoutConvertsAtTheBorder() throws {
    let store = ParameterStore()
    let weight = store.declareParameter("w", [2, 3, 1, 2], layout: .convolution)
    try store.reserve(gradients: false)
    let filed = (0..<12).map { Float($0) }
    store.set(weight, to: filed)
    #expect(store.values(of: weight) == filed)
    #expect(weight.shape == [1, 2, 3, 2])
    // Tap 0: input by output.
    #expect(Array(store.flatParameters[0..<6]) == [0, 6, 2, 8, 4, 10])
  }
}
