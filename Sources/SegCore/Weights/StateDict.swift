/// The tensors of a weight file that are a network's own, under the names the network gave them.
///
/// Training scripts keep the network beside optimiser and counters (`WeightFile.container`), and wrappers
/// put a word before every name (`module.` of `DataParallel`). Both are taken off, and said in `notes`.
public struct StateDict: Sendable {
  public struct Item: Sendable {
    public var name: String
    public var entry: WeightEntry
  }

  public let file: any WeightFile
  public let items: [Item]
  /// What was taken off or left out, and the file's own notes; for the report.
  public let notes: [String]

  /// Words that wrappers put in front: `DataParallel`, `torch.compile`, and modules that hold one network.
  static let wrappers = ["module.", "_orig_mod.", "model.", "net.", "network."]

  public init(_ file: any WeightFile) {
    self.file = file
    var notes = file.notes
    let container = file.container
    var items = file.entries.filter { $0.name.hasPrefix(container) }.map { entry in
      Item(name: String(entry.name.dropFirst(container.count)), entry: entry)
    }
    if !container.isEmpty {
      let others = file.entries.count - items.count
      notes.append(
        "taken from \(shown(String(container.dropLast())))"
          + (others > 0 ? "; \(others) tensors outside of it are left out" : ""))
    }
    while let word = Self.wrappers.first(where: { word in
      !items.isEmpty && items.allSatisfy { $0.name.hasPrefix(word) && $0.name.count > word.count }
    }) {
      for index in items.indices { items[index].name.removeFirst(word.count) }
      notes.append("every name starts with \"\(word)\", which is taken off")
    }
    self.items = items
    self.notes = notes
  }
}
