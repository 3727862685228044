import SegCore
import SegData

/// Classes and image size of a configured network, from the configuration alone where it says them.
public struct InputShape: Sendable, Equatable {
  public var classes, height, width: Int

  /// - Throws: `Failure` when the data set has to be asked and is not there.
  public init(_ config: RunConfig) throws {
    classes = try FileDataset.classes(config.data).count
    let size: PixelSize
    if let known = config.augment.cropSize ?? config.data.size {
      size = known
    } else {
      let train = try FileDataset(config.data, split: config.data.train)
      size = try SampleSize.training(config.data, config.augment, train)
    }
    height = size.height
    width = size.width
  }
}

extension ShapeError {
  /// The same for someone who wrote a config: batches of this shape do not fit the network.
  func failure(batch: Int, _ shape: InputShape) -> Failure {
    Failure(
      .badConfig, "model", description,
      hint: "training.batch_size is \(batch), samples are \(shape.width)x\(shape.height)")
  }
}
