import SegCore
import SegData
import Testing

extension EndToEnd {
  /// What `eval` counts, against a plain count of the files that `predict` writes.
  @Suite struct EvaluationTests {
    @Test("The confusion matrix equals one counted from predicted and label files")
    func confusion() throws {
      let shop = try Workshop()
      // The network sees pictures of another size than they are scored at.
      try shop.configure(DeterminismTests.headOnly + [("data.size", "[40, 56]")])
      #expect(try shop.train("a").status == 0)
      let scored = try shop.segtrain(
        ["eval", "--checkpoint", "a/run", "--json", "--out", "scores", "--set"]
          + ["evaluation.batch_size=2"])
      let predicted = try shop.segtrain(
        ["predict", "--checkpoint", "a/run", "--out", "maps", "--save", "index", "data/images/val"])
      #expect(scored.status == 0 && predicted.status == 0, "\(scored.errors)\(predicted.errors)")

      let rows = try shop.text("scores/per_image.csv").split(separator: "\n").map {
        $0.split(separator: ",").map(String.init)
      }
      var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
      for (index, name) in try FileSystem.entries(of: shop["data/masks/val"]).enumerated() {
        let truth = try ImageFile.readLabels(shop["data/masks/val/\(name)"])
        let map = try ImageFile.readLabels(shop["maps/\(name)"])
        #expect(truth.height == 32 && truth.width == 48)
        var own = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
        for (truth, prediction) in zip(truth.pixels, map.pixels) where truth != 255 {
          own[Int(truth)][Int(prediction)] += 1
        }
        for i in 0..<10 { for j in 0..<10 { counts[i][j] += own[i][j] } }
        #expect(rows[index + 1].prefix(2) == ["\(index)", name])
        let columns = (0..<10).flatMap { k in
          let (pixels, predicted) = (own[k].reduce(0, +), own.reduce(0) { $0 + $1[k] })
          return [own[k][k], predicted - own[k][k], pixels - own[k][k]]
        }
        #expect(rows[index + 1].dropFirst(2).map { Int($0) } == columns)
      }
      let matrix = try scored.json["confusion"]?.items.map { $0.items.compactMap(\.integer) }
      #expect(matrix == counts)
      #expect(counts.joined().reduce(0, +) > 0)
      #expect(rows.count == 1 + 3)
      #expect(rows[0].prefix(5) == ["index", "label", "tp:sky", "fp:sky", "fn:sky"])
    }

    @Test("Rules of absent classes and of s_rec are chosen in the config and named in the result")
    func rules() throws {
      let shop = try Workshop()
      try shop.configure(DeterminismTests.headOnly)
      #expect(try shop.train("a").status == 0)
      let line = ["eval", "--checkpoint", "a/run", "--json"]
      let usual = try shop.segtrain(line).json
      #expect(usual["absent_class_rule"] == .string("gt_absent: skip"))
      #expect(usual["s_rec_rate"] == .string("recall"))
      let other = try shop.segtrain(
        line
          + Workshop.sets([
            ("evaluation.absent_classes", "\"count_false_positives\""),
            ("evaluation.s_rec", "\"f1\""),
          ])
      ).json
      #expect(other["absent_class_rule"] == .string("gt_absent: count_false_positives"))
      #expect(other["s_rec_rate"] == .string("f1"))
      #expect(other["confusion"] == usual["confusion"])
      // Two steps of training leave classes without a true positive, so F1 has no mean.
      #expect(other["macro_f1"] == .null && other["s_rec"] == .null)
      let wrong = try shop.segtrain(
        line + Workshop.sets([("evaluation.absent_classes", "\"skp\"")]))
      #expect(wrong.status == 78 && wrong.errors.contains("did you mean \"skip\"?"))
    }
  }
}
