import Glibc
public import SegCore
import SegLosses

extension LossReport {
  /// For terminals.
  public var text: String {
    var lines = ["\(name): \(help)", "range: \(range)"]
    lines.append(
      takesClassWeights
        ? "class_weights: taken (a rule or numbers)" : "class_weights: not taken")
    for entry in readings {
      let reading = entry.reading
      lines += ["", "variant \(reading.variant.rawValue): \(reading.variant.help)"]
      for (label, text) in [
        ("equation", reading.equation), ("reduction", reading.reduction),
        ("ignored pixels", reading.ignored), ("absent classes", reading.absent),
        ("source", reading.source),
      ] {
        lines += Self.wrapped(text, label: label)
      }
      lines += [
        "",
        "  worked example: one image of 2x2 pixels, label 255 is ignored"
          + (readsClassCounts ? ", training pixels \(LossExample.classCounts)" : ""),
      ]
      lines += Self.table(entry.example).map { "    \($0)" }
      lines.append("    L = \(entry.example.value)")
    }
    lines += ["", "options"]
    for option in options {
      let fallback = option.fallback.map { "default \($0.compact)" } ?? "required"
      lines.append("  \(option.key): \(option.values), \(fallback)")
      lines += Self.wrapped(option.help, label: nil)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func table(_ example: LossExample) -> [String] {
    var table = TextTable([
      .right("pixel"), .right("label"), .left("logits z"), .left("p = softmax(z)"),
      .right("-log p(label)"), .left("gradient dL/dz"),
    ])
    for (pixel, label) in LossExample.labels.enumerated() {
      let isIgnored = Int(label) == LossExample.ignoreIndex
      func row(_ values: [Float], _ digits: Int) -> String {
        values.map { value in
          let text = fixed(Double(value), digits)
          return text.hasPrefix("-") || text.hasPrefix("−") ? text : " " + text
        }.joined(separator: " ")
      }
      let probability = isIgnored ? 1 : Double(example.probabilities[pixel][Int(label)])
      table.add([
        "\(pixel)", isIgnored ? "ignored" : "\(label)", row(example.logits[pixel], 1),
        row(example.probabilities[pixel], 6), isIgnored ? "" : fixed(-log(probability), 6),
        row(example.gradient[pixel], 6),
      ])
    }
    return table.text.trimmingLines.split(separator: "\n").map(String.init)
  }

  /// `text` in lines of at most 100 characters behind its label.
  private static func wrapped(_ text: String, label: String?) -> [String] {
    let indent = label == nil ? 6 : 18
    var head = label.map { "  \($0)" } ?? ""
    head += String(repeating: " ", count: indent - head.count)
    var lines: [String] = []
    var line = head
    for word in text.split(separator: " ") {
      if line.count + word.count > 100, line.count > indent {
        lines.append(line)
        line = String(repeating: " ", count: indent)
      }
      line += (line.count > indent ? " " : "") + word
    }
    return lines + [line]
  }

  /// One document with the numbers of the example in full.
  public var json: JSONValue {
    func numbers(_ rows: [[Float]]) -> JSONValue {
      .array(rows.map { .array($0.map { .float($0) }) })
    }
    return .fields([
      "name": .string(name), "help": .string(help), "range": .string(range),
      "takes_class_weights": .bool(takesClassWeights),
      "readings": .array(
        readings.map { entry in
          let (reading, example) = (entry.reading, entry.example)
          return .fields([
            "variant": .string(reading.variant.rawValue), "equation": .string(reading.equation),
            "reduction": .string(reading.reduction), "ignored": .string(reading.ignored),
            "absent": .string(reading.absent), "source": .string(reading.source),
            "example": .fields([
              "labels": .array(LossExample.labels.map { .integer(Int($0)) }),
              "ignore_index": .integer(LossExample.ignoreIndex),
              "train_pixels": readsClassCounts
                ? .array(LossExample.classCounts.map { .integer($0) }) : .null,
              "logits": numbers(example.logits), "probabilities": numbers(example.probabilities),
              "value": .float(example.value), "gradient": numbers(example.gradient),
            ]),
          ])
        }),
      "options": .array(
        options.map { option in
          .fields([
            "key": .string(option.key), "values": .string(option.values),
            "default": option.fallback ?? .null, "is_required": .bool(option.fallback == nil),
            "help": .string(option.help),
          ])
        }),
    ])
  }
}

extension String {
  /// Without blanks at the ends of lines.
  var trimmingLines: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return String(line)
    }.joined(separator: "\n")
  }
}
