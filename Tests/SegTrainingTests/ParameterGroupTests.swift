import SegCore
import SegEngine
import SegModels
import SegOptim
import SegTraining
import Testing

/// Which parameters weight decay and the head's factor reach.
@Suite struct ParameterGroupTests {
  private static let kinds: [[NoDecay]] = [[], [.bias], [.batchNorm], [.batchNorm, .bias]]

  /// With gradients of zero only decay moves a parameter: by `lr · factor · decay` of itself.
  @Test(arguments: kinds) func onlyTheOthersDecay(_ kinds: [NoDecay]) throws {
    let network = Network(ModelOptions(architecture: .fcn, classes: 5, hasAuxiliaryHead: true))
    let store = network.store
    try store.reserve(gradients: true)
    store.updateParameters { $0.update(repeating: 1) }
    store.flatGradients.update(repeating: 0)
    func rule(_ decay: Double) -> SGD { SGD(momentum: 0, weightDecay: decay) }
    let runner = try OptimizerRunner(
      rule(0.25), store: store, trainable: store.parameters, headFactor: 2,
      exception: kinds.isEmpty ? nil : (rule(0), kinds), pool: ThreadPool(threads: 2))
    runner.update(step: 0, learningRate: 0.5)
    for parameter in store.parameters {
      let name = parameter.name
      let isBias = name == "classifier.4.bias" || name == "aux_classifier.4.bias"
      let isNorm = parameter.filedShape.rank == 1 && !isBias
      let decays = !(isBias && kinds.contains(.bias)) && !(isNorm && kinds.contains(.batchNorm))
      let factor: Float = name.hasPrefix("backbone.") ? 1 : 2
      let expected = decays ? 1 - 0.5 * factor * 0.25 : 1
      #expect(store.values(of: parameter).allSatisfy { $0 == expected }, "\(name)")
    }
  }
}
