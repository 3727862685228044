public import SegCore

extension LayerProfile {
  /// All convolutions together.
  private var convolutions: Row {
    var row = Row(name: "all convolutions", kind: "", layers: 0)
    for layer in layers {
      row.layers += 1
      for (name, pass) in layer.passes { row.passes[name, default: Pass()].add(pass) }
    }
    return row
  }

  private var totalSeconds: Double {
    convolutions.total.seconds + groups.reduce(0) { $0 + $1.seconds }
  }

  public var json: JSONValue {
    func pass(_ pass: Pass?) -> JSONValue {
      guard let pass else { return .null }
      return .fields([
        "seconds": .number(pass.seconds), "gflops": .number(pass.gflops),
        "algorithm": pass.algorithm.map { .string($0) } ?? .null,
      ])
    }
    func passes(_ row: Row) -> [(key: String, value: JSONValue)] {
      PassName.allCases.map { ($0.rawValue, pass(row.passes[$0])) }
    }
    return .fields([
      "ceilings": ceilings.json, "threads": .integer(threads), "batch_size": .integer(batchSize),
      "seconds": .number(totalSeconds),
      "layers": .array(
        layers.map {
          .object([("path", .string($0.name)), ("kind", .string($0.kind))] + passes($0))
        }),
      "kinds": .array(
        kinds.map {
          .object([("kind", .string($0.name)), ("layers", .integer($0.layers))] + passes($0))
        }),
      "operations": .array(
        groups.map { group in
          .fields([
            "name": .string(group.name), "calls": .integer(group.calls),
            "seconds": .number(group.seconds),
            "gigabytes_per_second": .number(group.gigabytesPerSecond),
          ])
        }),
    ])
  }

  /// Ceilings, layers, kinds and the other operations.
  public var text: String {
    let shape = ceilings.gemmShape.map { "\($0)" }.joined(separator: "x")
    return """
      \(threads) threads: multiply-adds \(fixed(ceilings.multiplyAdd, 0)) GFLOP/s, GEMM \(fixed(ceilings.gemm, 0)) GFLOP/s (\(shape)), convolutions \(fixed(convolutions.total.gflops, 0)) GFLOP/s
      Medians of a training step (batch \(batchSize)); GFLOP/s as a direct convolution counts, and their share of GEMM's.

      \(table("layer", layers))

      \(table("kind", kinds + [convolutions]))

      \(operationTable)
      """
  }

  private func table(_ name: String, _ rows: [Row]) -> String {
    let isLayers = name == "layer"
    let hasChoice = isLayers && rows.contains { $0.passes.values.contains { $0.algorithm != nil } }
    var table = TextTable(
      [.left(name), isLayers ? .left("kind") : .right("layers")]
        + (hasChoice ? [.left("algorithm")] : [])
        + ["forward", "input gradient", "weight gradient"].flatMap {
          [TextTable.Column.right("\($0) ms"), .right("GFLOP/s"), .right("")]
        })
    for row in rows {
      var cells = [row.name, isLayers ? row.kind : "\(row.layers)"]
      if hasChoice { cells.append(algorithms(row)) }
      for name in PassName.allCases {
        guard let pass = row.passes[name] else {
          cells += ["", "", ""]
          continue
        }
        cells += [
          fixed(1e3 * pass.seconds, 2), fixed(pass.gflops, 0),
          fixed(100 * pass.gflops / ceilings.gemm, 0) + " %",
        ]
      }
      table.add(cells)
    }
    return table.text
  }

  /// One name where all passes agree, else one a pass.
  private func algorithms(_ row: Row) -> String {
    let names = PassName.allCases.compactMap { row.passes[$0]?.algorithm }
    return Set(names).count == 1 ? names[0] : names.joined(separator: ", ")
  }

  private var operationTable: String {
    var table = TextTable([
      .left("operation"), .right("calls"), .right("ms"), .right("GB/s"), .right("share"),
    ])
    func share(_ seconds: Double) -> String { fixed(100 * seconds / totalSeconds, 1) + " %" }
    for group in groups {
      table.add([
        group.name, "\(group.calls)", fixed(1e3 * group.seconds, 2),
        fixed(group.gigabytesPerSecond, 1), share(group.seconds),
      ])
    }
    let total = convolutions.total.seconds
    table.add(["convolutions", "", fixed(1e3 * total, 2), "", share(total)])
    table.add(["step", "", fixed(1e3 * totalSeconds, 2), "", ""])
    return table.text
  }
}
