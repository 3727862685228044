/// A rule that replaces operations of a traced graph by others that compute the same, faster or in less
/// memory.
///
/// A rule is one file with one test, and one line in `RewriteRules`.
public protocol GraphRewrite: Sendable {
  /// Used in messages and counts.
  static var name: String { get }

  /// Replaces every place the rule fits.
  ///
  /// - Returns: the number of places.
  func apply(_ editor: inout GraphEditor) -> Int
}

extension Graph {
  /// Applies `rules` one after the other to everything traced so far. Tensors stay valid.
  ///
  /// Gradients come after: operations put in place bring their own.
  ///
  /// - Parameters:
  ///   - keeping: tensors that must still be computed afterwards: the loss, what a plan keeps, what is
  ///     differentiated.
  /// - Returns: the number of places, by name of the rule.
  @discardableResult
  public func rewrite(_ rules: [any GraphRewrite], keeping: [Tensor]) -> [String: Int] {
    precondition(
      !nodes.contains(where: \.isGradient), "a graph is rewritten before it is differentiated")
    var counts: [String: Int] = [:]
    for rule in rules {
      var editor = GraphEditor(self, keeping: keeping)
      counts[Swift.type(of: rule).name, default: 0] += rule.apply(&editor)
      editor.finish()
    }
    return counts
  }
}
