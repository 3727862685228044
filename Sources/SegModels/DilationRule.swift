/// Which blocks of a stage are dilated, and how far, where a ResNet's stage has rate `d` and the stage before `p`.
enum DilationRule: Sendable {
  /// The first block keeps `p`, the others have `d`: torchvision's `replace_stride_with_dilation`.
  case firstKeepsPrevious
  /// All blocks have `d`.
  case whole
  /// As `whole`, but the blocks of the last stage have `d` times these numbers in turn: the "multi-grid" of
  /// Chen et al. 2017, section 3.3.
  case multiGrid([Int])

  /// By block, for the stage of `index` (0 for `layer1`).
  func dilations(blocks: Int, index: Int, rate: Int, previous: Int) -> [Int] {
    (0..<blocks).map { block in
      switch self {
      case .firstKeepsPrevious: block == 0 ? previous : rate
      case .whole: rate
      case .multiGrid(let grid):
        index == ResNetDepth.widths.count - 1 ? rate * grid[block % grid.count] : rate
      }
    }
  }
}
