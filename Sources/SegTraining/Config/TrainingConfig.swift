public import SegCore

/// Section `training` of the run config.
public struct TrainingConfig: Sendable, Equatable {
  /// How long a run is.
  public enum Length: Sendable, Equatable {
    /// Optimizer steps.
    case iterations(Int)
    /// Passes over the training split.
    case epochs(Int)
  }

  public var length: Length
  /// Images a forward pass.
  public var batchSize: Int
  public var shuffle: Bool
  /// Leaves out the last batch of an epoch where it is not full.
  public var dropLast: Bool
  /// Batches whose gradients are summed before an optimizer step.
  public var accumulate: Int
  /// Largest L2 norm of the whole gradient; `nil` does not clip.
  public var clipNorm: Double?
  /// Decay of the moving average of the weights that evaluation and checkpoints use; `nil` uses the weights themselves.
  public var emaDecay: Double?

  public init(
    length: Length, batchSize: Int = 4, shuffle: Bool = true, dropLast: Bool = true,
    accumulate: Int = 1, clipNorm: Double? = nil, emaDecay: Double? = nil
  ) {
    self.length = length
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.dropLast = dropLast
    self.accumulate = accumulate
    self.clipNorm = clipNorm
    self.emaDecay = emaDecay
  }

  public init(_ section: ConfigSection) {
    section.aliases([
      "iters": "iterations", "max_iters": "iterations", "steps": "iterations",
      "max_epochs": "epochs", "grad_clip": "clip_norm", "accumulation_steps": "accumulate",
    ])
    let most = 1_000_000_000
    let iterations = section.optionalInt(
      "iterations", in: 1...most, "Length in optimizer steps; this or epochs.")
    let epochs = section.optionalInt(
      "epochs", in: 1...most, "Length in passes over the training split; this or iterations.")
    section.exactlyOne(
      "iterations", "epochs", hint: "say how long the run is, for example \"iterations\": 3000")
    length = epochs.map { .epochs($0) } ?? .iterations(iterations ?? 1)
    batchSize = section.int("batch_size", default: 4, in: 1...4096, "Images a forward pass.")
    shuffle = section.bool("shuffle", default: true, "A new order of the samples every epoch.")
    dropLast = section.bool(
      "drop_last", default: true, "Leave out the last batch of an epoch where it is not full.")
    accumulate = section.int(
      "accumulate", default: 1, in: 1...1024,
      "Batches whose gradients are summed before an optimizer step.")
    clipNorm = section.optionalNumber(
      "clip_norm", in: 1e-9...1e9, "Largest L2 norm of the whole gradient; null: no clipping.")
    emaDecay = section.optionalNumber(
      "ema_decay", in: 0..<1,
      "Decay of the moving average of the weights that evaluation and checkpoints use; null: none.")
  }
}

extension TrainingConfig {
  /// Batches of a pass over `samples` samples.
  func batchesPerEpoch(samples: Int) -> Int {
    let (full, rest) = samples.quotientAndRemainder(dividingBy: batchSize)
    return full + (dropLast || rest == 0 ? 0 : 1)
  }

  /// Optimiser steps of a run on `samples` training samples.
  func iterations(samples: Int) -> Int {
    switch length {
    case .iterations(let count): count
    case .epochs(let count): max(1, count * batchesPerEpoch(samples: samples) / accumulate)
    }
  }
}
