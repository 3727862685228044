import SegCore

/// A sum and the rectifier behind it become one pass, `AddReLU`, with the same bits.
public struct FuseAddReLU: GraphRewrite {
  public static let name = "fuse_add_relu"

  public init() {}

  public func apply(_ editor: inout GraphEditor) -> Int {
    var count = 0
    for (relu, _) in editor.nodes(running: ReLU.self) {
      let input = editor.inputs(of: relu)[0]
      guard let (add, _) = editor.producer(of: input, running: Add.self),
        editor.isRead(input, onlyBy: relu)
      else { continue }
      editor.replace(
        [add, relu], by: AddReLU(), editor.inputs(of: add), producing: editor.outputs(of: relu))
      count += 1
    }
    return count
  }
}
