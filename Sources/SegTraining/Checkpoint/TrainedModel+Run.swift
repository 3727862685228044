import SegCore
import SegData
import SegEngine
import SegLosses
import SegModels

extension TrainedModel {
  /// Forward passes of this model; the loss is computed where labels are given.
  ///
  /// Rules for class weights are not counted again: the loss is then that of unweighted classes.
  ///
  /// - Parameter views: sizes a picture is run at.
  public func makeRunner(threads: Int, views: Int = 1) throws -> InferenceRunner {
    let weights = try config.loss.terms.map { term -> [Float]? in
      guard case .values? = term.classWeights else { return nil }
      return try term.classWeights?.values(counts: [])
    }
    let loss = LossBuilder(
      config.loss, auxiliaryWeight: config.model.auxWeight, classes: classes.count,
      ignoreIndex: config.data.ignoreIndex, classWeights: weights)
    return InferenceRunner(
      network, loss: loss, engine: config.engine, pool: ThreadPool(threads: threads),
      capacity: max(InferenceRunner.capacity, views))
  }

  /// Where an evaluation of this model belongs in its run directory; `nil` outside of one.
  public func evaluationFolder(split: String) -> String? {
    guard let run = location.run, let step = location.step else { return nil }
    return FilePath.join(FilePath.join(run, "eval"), "\(split)@\(step)")
  }
}
