import SegCore
import SegData
import Testing

extension EndToEnd {
  /// What `eval` counts, against a plain count of the files that `predict` writes.
  @Suite struct EvaluationTests {
    @Test(
      "The confusion matrix equals one counted from predicted and label files",
      arguments: [
        [], ["evaluation.flip=true", "evaluation.scales=[0.75,1]", "evaluation.window=[32,40]"],
        ["data.size=null", "evaluation.short_side=28"],
      ])
    func confusion(_ views: [String]) throws {
      let views = views.flatMap { ["--set", $0] }
      let shop = try Workshop()
      // The network sees pictures of another size than they are scored at, and class 3 is ignored.
      try shop.configure(
        DeterminismTests.headOnly + [
          ("data.size", "[40, 56]"), ("data.label_map", #"{"3": "ignore"}"#),
        ])
      #expect(try shop.train("a").status == 0)
      let scored = try shop.segtrain(
        ["eval", "--checkpoint", "a/run", "--json", "--out", "scores"]
          + Workshop.sets([("evaluation.batch_size", "2")]) + views)
      let predicted = try shop.segtrain(
        ["predict", "--checkpoint", "a/run", "--out", "maps", "--save", "index", "data/val"] + views
      )
      try #require(
        scored.status == 0 && predicted.status == 0, "\(scored.errors)\(predicted.errors)")

      let rows = try shop.text("scores/per_image.csv").split(separator: "\n").map {
        $0.split(separator: ",").map(String.init)
      }
      #expect(rows[0].prefix(5) == ["index", "label", "tp:sky", "fp:sky", "fn:sky"])
      let none = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 10)
      var counts = none
      let names = try FileSystem.entries(of: shop["data/valannot"])
      #expect(names.count == 3 && rows.count == 1 + names.count)
      for (index, name) in names.enumerated() {
        let truth = try ImageFile.readLabels(shop["data/valannot/\(name)"])
        let map = try ImageFile.readLabels(shop["maps/\(name)"])
        #expect(truth.height == 32 && truth.width == 48)
        var own = none
        for (truth, prediction) in zip(truth.pixels, map.pixels) where truth != 3 && truth != 255 {
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
      let result = try scored.json
      #expect(result["confusion"]?.items.map { $0.items.compactMap(\.integer) } == counts)
      #expect((1..<3 * 32 * 48).contains(counts.joined().reduce(0, +)))

      // Rules are chosen in the config, named in the result, and change no count.
      #expect(result["absent_class_rule"] == .string("gt_absent: skip"))
      #expect(result["s_rec_rate"] == .string("recall"))
      let other = try shop.segtrain(
        ["eval", "--checkpoint", "a/run", "--json"]
          + Workshop.sets([
            ("evaluation.absent_classes", "\"count_false_positives\""),
            ("evaluation.s_rec", "\"f1\""),
          ]) + views
      ).json
      #expect(other["absent_class_rule"] == .string("gt_absent: count_false_positives"))
      #expect(other["s_rec_rate"] == .string("f1"))
      #expect(other["confusion"] == result["confusion"])
      // Two steps of training leave classes without a true positive, so F1 has no mean.
      #expect(other["macro_f1"] == .null && other["s_rec"] == .null)
    }
  }
}
