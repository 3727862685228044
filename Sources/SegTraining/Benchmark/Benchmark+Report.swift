public import SegCore

extension Benchmark {
  public var json: JSONValue {
    func list(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
    var fields: [(key: String, value: JSONValue)] = []
    if !steps.isEmpty {
      fields.append(
        (
          "train",
          .fields([
            "seconds_per_step": list(steps.map(\.total)), "forward": list(steps.map(\.forward)),
            "backward": list(steps.map(\.backward)), "optimizer": list(steps.map(\.optimizer)),
            "images_per_second": .number(imagesPerSecond),
            "peak_rss_bytes": .integer(trainingPeakBytes ?? 0),
          ])
        ))
    }
    if !inference.isEmpty {
      var pass: [(key: String, value: JSONValue)] = [("seconds_per_image", list(inference))]
      if let inferencePeakBytes { pass.append(("peak_rss_bytes", .integer(inferencePeakBytes))) }
      if let inferenceMemory { pass.append(("planned_bytes", inferenceMemory.json)) }
      fields.append(("inference", .object(pass)))
    }
    // Of training, or of inference where that alone is timed.
    let memory = trainingMemory ?? inferenceMemory
    return .object(
      fields + [
        ("planned_bytes", memory?.json ?? .null), ("parameters", .integer(parameters)),
        ("threads", .integer(threads)),
      ])
  }

  /// Medians, one a line.
  public var text: String {
    func milliseconds(_ values: [Double]) -> String { fixed(1000 * Self.median(values), 1) + " ms" }
    var lines: [String] = []
    if !steps.isEmpty {
      lines += [
        "train step (batch \(batchSize), \(threads) threads): \(milliseconds(steps.map(\.total))), \(fixed(imagesPerSecond, 2)) images/s",
        "  forward \(milliseconds(steps.map(\.forward))), backward \(milliseconds(steps.map(\.backward))), optimizer \(milliseconds(steps.map(\.optimizer)))",
      ]
    }
    if !inference.isEmpty { lines.append("inference (one image): \(milliseconds(inference))") }
    let passes = [
      ("training", trainingPeakBytes, trainingMemory),
      ("inference", inferencePeakBytes, inferenceMemory),
    ]
    for case (let name, let peak?, let memory?) in passes {
      lines.append("peak memory in \(name) \(MemoryPlan.readable(peak)), \(memory.text)")
    }
    return lines.joined(separator: "\n")
  }
}
