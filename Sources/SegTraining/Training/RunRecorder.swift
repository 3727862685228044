import SegCore
import SegMetrics

/// Writes what happens in a run to `metrics.jsonl`, `log.txt`, TensorBoard and the terminal.
final class RunRecorder {
  private let run: RunDirectory
  private let metrics: MetricsLog
  private let log: RunLog
  private let board: TensorBoardWriter?
  let progress: ProgressLine

  /// - Parameter step: the checkpoint a run goes on from; `nil` for a new run.
  init(
    _ run: RunDirectory, tensorBoard: Bool, resumingAfter step: Int?, progress: ProgressLine
  ) throws {
    self.run = run
    self.progress = progress
    metrics = try MetricsLog(run, resumingAfter: step)
    log = try RunLog(run, resumingAfter: step)
    board = tensorBoard ? try TensorBoardWriter(run, resumingAfter: step) : nil
  }

  func note(_ text: String, step: Int? = nil) throws {
    progress.note(text)
    try log.write(text, step: step)
  }

  /// For the log alone: what `main` tells the user anyway.
  func log(_ text: String, step: Int) throws { try log.write(text, step: step) }

  func warn(_ text: String, step: Int? = nil) throws {
    progress.warn(text)
    try log.write(text, step: step)
  }

  /// One training event: exact values for machines, one line for people.
  func train(_ event: TrainEvent) throws {
    try metrics.append(event.json)
    try log.write(event.line, step: event.step)
    progress.update(event.line, lasting: true)
    try board?.add(step: event.step, event.scalars)
  }

  /// One evaluation: its scores, its files, its table.
  func evaluation(_ summary: EvaluationSummary, split: String, step: Int) throws {
    try metrics.append(
      .object(
        [
          (key: "event", value: .string("eval")), (key: "step", value: .integer(step)),
          (key: "split", value: .string(split)),
        ] + summary.scalars))
    try writeEvaluation(summary, to: run.evaluation(split: split, step: step), run.fileSystem)
    try note("step \(step), \(split)\n\(summary.table())", step: step)
    let scalars: [(tag: String, value: Float)] = summary.scalars.compactMap { key, value in
      value.double.map { ("\(split)/\(key)", Float($0)) }
    }
    let classes: [(tag: String, value: Float)] = summary.scores.classes.flatMap { scores in
      let name = summary.names[scores.index]
      return [("IoU", scores.iou), ("recall", scores.recall)].compactMap { kind, value in
        value.map { ("\(split)/\(kind)/\(name)", Float($0)) }
      }
    }
    try board?.add(step: step, scalars + classes)
  }

  /// Everything so far is on the disk when this returns.
  func synchronize() throws {
    try metrics.synchronize()
    try log.synchronize()
    try board?.synchronize()
  }
}

/// One line of training: what happened in a step and how fast the last steps were.
struct TrainEvent {
  var step, iterations, epoch: Int
  var loss: Float
  var terms: [Term]
  /// Whether the terms' weights change from step to step.
  var hasSchedule: Bool
  var learningRate: Double
  /// Before clipping, where gradients are clipped.
  var gradientNorm: Double?
  /// Since the last event.
  var imagesPerSecond: Double
  /// Share of the time spent waiting for data, 0 to 1.
  var dataWait: Double
  var residentBytes: Int
  var secondsLeft: Double

  struct Term {
    var name: String
    var value: Float
    /// Its factor in the loss of this step.
    var weight: Double
  }

  var json: JSONValue {
    var fields: [(key: String, value: JSONValue)] = [
      ("event", .string("train")), ("step", .integer(step)), ("epoch", .integer(epoch)),
      ("loss", .float(loss)),
      ("terms", .object(terms.map { (key: $0.name, value: .float($0.value)) })),
    ]
    if hasSchedule {
      fields.append(("weights", .object(terms.map { (key: $0.name, value: .number($0.weight)) })))
    }
    fields.append(("lr", .number(learningRate)))
    if let gradientNorm { fields.append(("gradient_norm", .number(gradientNorm))) }
    fields += [
      ("images_per_second", .number(imagesPerSecond)), ("data_wait", .number(dataWait)),
    ]
    return .object(fields)
  }

  var line: String {
    var text = "iter \(step)/\(iterations)  loss \(fixed(Double(loss), 4))"
    if terms.count > 1 {
      let list = terms.map { term in
        let weight = hasSchedule ? "\(fixed(term.weight, 3)) x " : ""
        return "\(weight)\(term.name) \(fixed(Double(term.value), 4))"
      }
      text += " (" + list.joined(separator: ", ") + ")"
    }
    text += "  lr \(scientific(learningRate))"
    if let gradientNorm { text += "  gradient \(scientific(gradientNorm))" }
    return text + "  \(fixed(imagesPerSecond, 2)) img/s"
      + "  data \(fixed(100 * dataWait, 1))%  mem \(MemoryPlan.readable(residentBytes))"
      + "  eta \(clockText(secondsLeft))"
  }

  var scalars: [(tag: String, value: Float)] {
    [("train/loss", loss), ("train/lr", Float(learningRate))]
      + (gradientNorm.map { [("train/gradient_norm", Float($0))] } ?? [])
      + (terms.count > 1 ? terms.map { ("train/loss/\($0.name)", $0.value) } : [])
      + (hasSchedule ? terms.map { ("train/weight/\($0.name)", Float($0.weight)) } : [])
  }
}
