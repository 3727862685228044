import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels

extension TrainedModel {
  /// Forward passes of this model; the loss is computed where labels are given.
  ///
  /// Nothing is counted again: class weights follow from the counts stored with the model, and where there are none
  /// the loss is that of unweighted classes at the end of a run.
  ///
  /// - Parameter views: sizes a picture is run at.
  public func makeRunner(threads: Int, views: Int = 1) throws -> InferenceRunner {
    let counts = lossRecord.map(\.counts).flatMap { counts in
      counts.training.count == classes.count ? counts : nil
    }
    let weights = try config.loss.classWeights(counts)
    let loss = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: classes.count,
      ignoreIndex: config.data.ignoreIndex, classWeights: weights, classCounts: counts?.training)
    let runner = InferenceRunner(
      network, loss: loss, engine: config.engine, pool: ThreadPool(threads: threads),
      capacity: max(InferenceRunner.capacity, views))
    if let lossRecord { runner.time = lossRecord.time }
    return runner
  }

  /// Where an evaluation of this model belongs in its run directory; `nil` outside of one.
  public func evaluationFolder(split: String) -> String? {
    guard let run = location.run, let step = location.step else { return nil }
    return FilePath.join(FilePath.join(run, "eval"), "\(split)@\(step)")
  }
}
