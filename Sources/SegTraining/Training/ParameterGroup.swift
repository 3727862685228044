import SegCore
import SegEngine
import SegOptim

/// A run of the flat block whose parameters are updated alike.
struct ParameterGroup: Equatable {
  var range: Range<Int>
  /// Of the learning rate.
  var factor: Double
  /// Whether weight decay applies.
  var decays: Bool

  /// The parameters that learn, neighbours of one kind together.
  ///
  /// - Parameters:
  ///   - trainable: in declaration order.
  ///   - headFactor: of the learning rate outside `backbone`.
  ///   - kept: kinds that weight decay leaves alone.
  static func all(
    _ trainable: [Parameter], _ store: ParameterStore, headFactor: Double, kept: [NoDecay]
  ) -> [ParameterGroup] {
    let kinds = NoDecay.kinds(store)
    var groups: [ParameterGroup] = []
    for parameter in trainable {
      let group = ParameterGroup(
        range: store.range(of: parameter),
        factor: parameter.name.isUnder("backbone") ? 1 : headFactor,
        decays: kinds[parameter].map { !kept.contains($0) } ?? true)
      // Between two parameters there is only padding.
      if let last = groups.last, last.factor == group.factor, last.decays == group.decays,
        group.range.lowerBound - last.range.upperBound < 16
      {
        groups[groups.count - 1].range = last.range.lowerBound..<group.range.upperBound
      } else {
        groups.append(group)
      }
    }
    return groups
  }
}

extension NoDecay {
  /// The parameters that are of a kind.
  static func kinds(_ store: ParameterStore) -> [Parameter: NoDecay] {
    let vectors = Set(store.parameters.filter { $0.filedShape.rank == 1 }.map(\.name))
    var kinds: [Parameter: NoDecay] = [:]
    for parameter in store.parameters where parameter.filedShape.rank == 1 {
      // The scale of a normalisation is a vector; the weight beside a convolution's bias is none.
      let module = parameter.name.split(separator: ".").dropLast()
      let isNorm = vectors.contains(module.joined(separator: ".") + ".weight")
      kinds[parameter] = isNorm ? .batchNorm : .bias
    }
    return kinds
  }
}
