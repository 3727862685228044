/// How a `BatchLoader` goes through its data set.
public struct LoaderOptions: Sendable {
  public var batchSize: Int
  public var seed: UInt64
  public var shuffle: Bool
  /// Samples drawn by class; nil for none.
  public var classUniform: ClassUniform?
  /// Leave out the samples that do not fill a batch at the end of an epoch.
  public var dropLast: Bool
  /// Height and width of every sample after the transforms.
  public var size: PixelSize
  /// Decoding threads.
  public var workers: Int
  public var onBadSample: DataConfig.BadSample
  /// Where to begin: the epoch and the batch in it, as they were when a run stopped.
  public var startEpoch: Int
  public var startBatch: Int
  /// Batches from there on; nil goes on forever.
  public var limit: Int?

  public init(
    batchSize: Int, seed: UInt64, size: PixelSize, shuffle: Bool = true,
    classUniform: ClassUniform? = nil, dropLast: Bool = true,
    workers: Int = 1, onBadSample: DataConfig.BadSample = .error, startEpoch: Int = 0,
    startBatch: Int = 0, limit: Int? = nil
  ) {
    self.batchSize = batchSize
    self.seed = seed
    self.size = size
    self.shuffle = shuffle
    self.classUniform = classUniform
    self.dropLast = dropLast
    self.workers = workers
    self.onBadSample = onBadSample
    self.startEpoch = startEpoch
    self.startBatch = startBatch
    self.limit = limit
  }

  /// Batches decoded ahead, finished or not, besides the one a step works on.
  static func depth(workers: Int) -> Int { max(workers, 1) + 1 }

  /// The most batches that are in memory at one time.
  public static func batchesInUse(workers: Int) -> Int { depth(workers: workers) + 1 }
}
