/// The part of an inference graph that depends on parameters, running statistics and constants alone: folded
/// or transformed weights. It is computed once, not for every picture.
struct Preparation {
  var nodes: [Graph.Node] = []
  var otherNodes: [Graph.Node] = []
  /// By value index: what others read, or what is kept; it outlives a step.
  var results: Set<Int> = []

  /// In training weights change with every step, and nothing is gained.
  init(_ program: Program, in mode: Mode) {
    var settled: Set<Int> = []
    for node in program.nodes {
      let dependsOnWeightsAlone = node.inputs.allSatisfy { input in
        program.roles[input.index].isSettled || settled.contains(input.index)
      }
      if !mode.isTraining, dependsOnWeightsAlone, node.op.traits.updates.isEmpty,
        !node.isGradient
      {
        settled.formUnion(node.outputs.map(\.value.index))
        nodes.append(node)
      } else {
        otherNodes.append(node)
      }
    }
    results = settled.intersection(
      program.kept.union(otherNodes.flatMap { $0.inputs.map(\.index) }))
  }
}

extension ValueRole {
  /// Known before an inference step.
  var isSettled: Bool {
    switch self {
    case .parameter, .buffer, .constant: true
    case .activation, .input, .gradient: false
    }
  }
}
