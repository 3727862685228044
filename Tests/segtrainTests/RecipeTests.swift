import SegCore
import Testing

extension EndToEnd {
  /// What a training recipe asks for reaches the weights.
  @Suite struct RecipeTests {
    private func tensors(_ path: String) throws -> [String: [Float]] {
      let reader = try SafetensorsReader(path)
      var values: [String: [Float]] = [:]
      for entry in reader.entries where entry.dtype == .f32 {
        values[entry.name] = try reader.floats(entry).values
      }
      return values
    }

    private func events(_ shop: Workshop, _ run: String) throws -> [JSONValue] {
      try shop.text("\(run)/run/metrics.jsonl").split(separator: "\n").map {
        try JSONNode.parse(Array($0.utf8), name: "metrics.jsonl").value
      }
    }

    /// After one step the momentum is the gradient that reached the optimiser.
    @Test("The gradient is cut to clip_norm, and its norm before is told")
    func clipping() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "1"), ("optimizer.momentum", "0.9")])
      var norms: [Double] = []
      for limit in ["1e6", "0.125"] {
        #expect(try shop.train(limit, ["--set", "training.clip_norm=\(limit)"]).status == 0)
        let states = try tensors(
          shop["\(limit)/run/checkpoints/step_0000001/optimizer.safetensors"])
        let squares = states.values.reduce(0.0) { sum, values in
          values.reduce(sum) { $0 + Double($1) * Double($1) }
        }
        norms.append(squares.squareRoot())
        let told = try #require(try events(shop, limit)[0]["gradient_norm"]?.number)
        #expect(abs(told - norms[0]) <= 1e-6 * norms[0])
      }
      #expect(norms[0] > 0.2)
      #expect(abs(norms[1] - 0.125) <= 1e-5 * 0.125)
    }

    @Test("Without clip_norm no norm is told")
    func noClipping() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "1")])
      #expect(try shop.train("a").status == 0)
      #expect(try events(shop, "a")[0]["gradient_norm"] == nil)
    }

    /// The weights themselves lie beside the optimiser's state, to go on from.
    @Test("A checkpoint holds the averaged weights, which were scored; training does not notice")
    func average() throws {
      let shop = try Workshop()
      try shop.configure([("training.iterations", "3"), ("evaluation.interval", "3")])
      #expect(try shop.train("plain").status == 0)
      #expect(try shop.train("averaged", ["--set", "training.ema_decay=0.99"]).status == 0)
      func file(_ run: String, _ name: String) -> String {
        shop["\(run)/run/checkpoints/step_0000003/\(name).safetensors"]
      }
      let plain = try tensors(file("plain", "model"))
      let averaged = try tensors(file("averaged", "model"))
      let kept = try tensors(file("averaged", "optimizer"))
      #expect(averaged.keys.sorted() == plain.keys.sorted())
      for (name, values) in plain {
        #expect(kept["weights.\(name)"] == values, "\(name)")
        #expect(averaged[name] != values || values.allSatisfy { $0 == values[0] }, "\(name)")
      }
      let (first, second) = (try events(shop, "plain"), try events(shop, "averaged"))
      #expect(first.prefix(3).map { $0["loss"] } == second.prefix(3).map { $0["loss"] })
      #expect(first[3]["loss"] != second[3]["loss"])
      // What was scored while training is what a checkpoint of it gives.
      let scored = try shop.segtrain(["eval", "--checkpoint", "averaged/run", "--json"])
      #expect(scored.status == 0, "\(scored.errors)")
      #expect(try scored.json["loss"]?.number == second[3]["loss"]?.number)
    }
  }
}
