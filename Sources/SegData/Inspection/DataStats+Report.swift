public import SegCore

extension DataStats {
  /// The rules that reports show.
  public static let reportedRules: [ClassWeightRule] = [
    .inverse, .inverseMean1, .median, .effective(beta: 0.9999),
  ]

  /// `{splits: [{split, samples, left_out, pixels, ignored_pixels, ignored_share, mean, std, sizes, classes}],
  /// class_weights: {split, absent, inverse, inverse_mean1, median, effective: {beta, weights}}}`; the
  /// weights are those of the first split.
  public func json(rules: [ClassWeightRule] = reportedRules) throws -> JSONValue {
    .fields([
      "splits": .array(splits.map(json)), "class_weights": try weightsJSON(rules),
    ])
  }

  private func json(_ split: SplitStats) -> JSONValue {
    func numbers(_ values: [Double]?) -> JSONValue {
      values.map { .array($0.map(JSONValue.number)) } ?? .null
    }
    return .fields([
      "split": .string(split.split), "samples": .integer(split.samples),
      "left_out": .integer(split.leftOut), "pixels": .integer(split.counted + split.ignored),
      "ignored_pixels": .integer(split.ignored), "ignored_share": .number(split.ignoredShare),
      "mean": numbers(split.mean), "std": numbers(split.std),
      "sizes": .array(
        split.sizes.map {
          .fields([
            "size": .array([.integer($0.size.height), .integer($0.size.width)]),
            "images": .integer($0.images),
          ])
        }),
      "classes": .array(
        classes.indices.map { index in
          .fields([
            "index": .integer(index), "name": .string(classes[index].name),
            "pixels": .integer(split.pixels[index]), "share": .number(split.share(index)),
            "images": .integer(split.images[index]),
          ])
        }),
    ])
  }

  private func weightsJSON(_ rules: [ClassWeightRule]) throws -> JSONValue {
    guard let first = splits.first else { return .null }
    var fields: [(key: String, value: JSONValue)] = [
      ("split", .string(first.split)),
      ("absent", .array(first.absent.map { .string(classes[$0].name) })),
    ]
    for rule in rules {
      let weights = JSONValue.array(try rule.weights(counts: first.pixels).map(JSONValue.number))
      if case .effective(let beta) = rule {
        let beta = beta.map { JSONValue.number($0) } ?? .string("auto")
        fields.append((rule.name, .fields(["beta": beta, "weights": weights])))
      } else {
        fields.append((rule.name, weights))
      }
    }
    return .object(fields)
  }

  /// For people: a table with bars for every split and the weights that the first split gives.
  public func text(rules: [ClassWeightRule] = reportedRules) throws -> String {
    var lines: [String] = []
    for split in splits {
      lines += table(split)
      lines.append("")
    }
    if let first = splits.first { lines += try weightTable(first, rules) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(_ split: SplitStats) -> [String] {
    let most = split.sizes.prefix(3).map { "\($0.images) of \($0.size)" }.joined(separator: ", ")
    let others = split.sizes.count > 3 ? " and \(split.sizes.count - 3) more sizes" : ""
    var lines = [
      "\(split.split): \(TextTable.number(split.samples, "sample"))"
        + (most.isEmpty ? "" : " (\(most)\(others))")
        + ", \(TextTable.percent(split.ignoredShare)) of the pixels ignored"
    ]
    if split.leftOut > 0 {
      lines.append(
        "  left out: \(TextTable.number(split.leftOut, "sample")) with errors (see data check)")
    }
    var table = TextTable(["", "class", "pixels", "share", "images", ""], left: [1, 5])
    let largest = classes.indices.map(split.share).max() ?? 0
    for index in classes.indices {
      let share = split.share(index)
      table.add([
        "\(index)", classes[index].name, "\(split.pixels[index])", TextTable.percent(share),
        "\(split.images[index])", TextTable.bar(largest > 0 ? share / largest : 0, width: 24),
      ])
    }
    lines += table.lines
    if let mean = split.mean, let std = split.std {
      let means = mean.map { TextTable.decimal($0, digits: 4) }.joined(separator: " ")
      let stds = std.map { TextTable.decimal($0, digits: 4) }.joined(separator: " ")
      lines.append("  mean \(means)   std \(stds)   (red green blue)")
    }
    return lines
  }

  private func weightTable(_ split: SplitStats, _ rules: [ClassWeightRule]) throws -> [String] {
    var heads = ["", "class"]
    for rule in rules {
      if case .effective(let beta) = rule {
        heads.append("\(rule.name) \(beta.map { "\($0)" } ?? "auto")")
      } else {
        heads.append(rule.name)
      }
    }
    let weights = try rules.map { try $0.weights(counts: split.pixels) }
    var table = TextTable(heads, left: [1])
    for index in classes.indices {
      table.add(
        ["\(index)", classes[index].name]
          + weights.map { TextTable.decimal($0[index], digits: 4) })
    }
    var lines = ["class weights from \(split.split)"] + table.lines
    if !split.absent.isEmpty {
      let names = split.absent.map { classes[$0].name }.joined(separator: ", ")
      lines.append("  no pixels, weight 0 but for effective: \(names)")
    }
    return lines
  }
}
