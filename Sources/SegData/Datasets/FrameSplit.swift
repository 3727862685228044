/// Which frames of a drive are trained on, validated on and tested on.
package struct FrameSplit {
  package static let names = ["train", "val", "test"]

  /// Frame numbers in the order they are read, by split.
  private let frames: [[Int]]

  /// - Returns: nil when one of the splits would be empty.
  package init?(_ rule: DataConfig.SplitRule, count: Int) {
    let train = Int(0.7 * Double(count))
    let validation = Int(0.1 * Double(count))
    switch rule {
    case .released:
      var order = Array(0..<count)
      var random = PythonRandom(seed: 0)
      random.shuffle(&order)
      frames = [
        Array(order[..<train]), Array(order[train..<train + validation]),
        Array(order[(train + validation)...]),
      ]
    case .sequence:
      // Frames are a fifth of a second apart: 2 % of the 787 of 05-SUMMER are three seconds.
      let gap = max(1, count / 50)
      frames = [
        Array(0..<max(0, train - gap)), Array(train..<max(train, train + validation - gap)),
        Array(train + validation..<count),
      ]
    }
    guard frames.allSatisfy({ !$0.isEmpty }) else { return nil }
  }

  /// nil for a name that is no split.
  package func frames(of split: String) -> [Int]? {
    Self.names.firstIndex(of: split).map { frames[$0] }
  }
}
