internal import SegCore

extension LossConfig {
  /// For logs: which losses in which reading, and how their weights change over a run of `iterations`.
  public func description(iterations: Int) -> [String] {
    let names = termNames
    func sum(_ indices: [Int]) -> String {
      indices.map { index in
        let term = terms[index]
        return "\(names[index]) (\(term.loss.variant.rawValue)), weight \(term.weight)"
      }.joined(separator: " + ")
    }
    guard let schedule else { return ["loss: " + sum(Array(terms.indices))] }
    let groups = [false, true].map { second in terms.indices.filter { isSecond($0) == second } }
    let turns = schedule.turns.map { "\($0 * Double(iterations))" }.joined(separator: " and ")
    return [
      "loss: (1 - t) x [\(sum(groups[0]))] + t x [\(sum(groups[1]))]",
      "schedule of t: \(type(of: schedule).name), turning at iterations \(turns) of \(iterations)",
    ]
  }
}
