import SegCore
import SegTestSupport
import Testing

extension EndToEnd {
  /// `weights inspect` and `weights convert`, and `model export` of a file that stands alone.
  @Suite struct WeightsTests {
    @Test func inspectAndConvert() throws {
      let folder = try TemporaryFolder()
      let tensor = StoredTensor(
        name: "module.w", dtype: .f16, shape: [2], bytes: [0x00, 0x3C, 0x00, 0xC0])
      try SafetensorsFile(tensors: [tensor]).write(to: folder["a.safetensors"])
      func segtrain(_ arguments: String...) throws -> Finished {
        try Program(arguments, in: folder.path).wait()
      }

      let json = try segtrain("weights", "inspect", "a.safetensors", "--json", "--md5")
      #expect(json.status == 0 && json.errors == "")
      let found = try #require(try json.json["tensors"]?.items.first)
      #expect(found["name"]?.text == "module.w" && found["dtype"]?.text == "F16")
      #expect(found["md5"]?.text == MD5.hash(tensor.bytes))
      let text = try segtrain("weights", "inspect", "a.safetensors")
      #expect(text.output.contains("module.w  F16   [2]"))

      let convert = try segtrain(
        "weights", "convert", "a.safetensors", "--out", "b.safetensors", "--dtype", "f32")
      #expect(convert.status == 0 && convert.output == "")
      #expect(convert.errors.contains("every name starts with \"module.\", which is taken off"))
      #expect(convert.errors.contains("1 tensors written to b.safetensors"))
      let written = try SafetensorsFile.read(folder["b.safetensors"])
      #expect(try written["w"]?.floats() == [1, -2])

      try AtomicFile.write("<html>", to: folder["page.pth"])
      let cases: [([String], SegCore.ExitStatus)] = [
        (["inspect", "page.pth"], .badData), (["inspect", "none.pth"], .inputMissing),
        (["convert", "a.safetensors", "--out", "b.pth"], .usage),
        (["convert", "a.safetensors", "--out", "b.safetensors", "--dtype", "f8"], .usage),
      ]
      for (arguments, status) in cases {
        let finished = try Program(["weights"] + arguments, in: folder.path).wait()
        #expect(finished.exit == status, "\(arguments): \(finished.errors)")
      }
    }

    /// A model in PyTorch's container, stored and compressed, is scored as in ours.
    @Test func scoresPyTorchFiles() throws {
      let workshop = try Workshop()
      try workshop.configure()
      #expect(try workshop.train("a").status == 0)
      let model = workshop["a/run/checkpoints/step_0000002/model.safetensors"]
      func score(_ path: String) throws -> JSONValue? {
        let finished = try workshop.segtrain([
          "eval", "--checkpoint", path, "--config", "config.json", "--json",
        ])
        #expect(finished.status == 0, "\(finished.errors)")
        return try finished.json["confusion"]
      }
      let expected = try #require(try score(model))
      var zip = try Self.torchFile(of: SafetensorsFile.read(model))
      try AtomicFile.write(zip.bytes, to: workshop["stored.pth"])
      #expect(try score("stored.pth") == expected)
      zip.entries = zip.entries.map(ZipBytes.deflated)
      try AtomicFile.write(zip.bytes, to: workshop["compressed.pth"])
      #expect(try score("compressed.pth") == expected)
    }

    private static func torchFile(of file: SafetensorsFile) throws -> ZipBytes {
      var storages: [(String, [UInt8])] = []
      let items = file.tensors.map { tensor in
        let key = "\(storages.count)"
        storages.append((key, tensor.bytes))
        let kind = tensor.dtype == .i64 ? "Long" : "Float"
        let storage = PickleBytes.storage(kind, key, count: tensor.shape.count)
        return (tensor.name, PickleBytes.tensor(storage, tensor.shape.dims))
      }
      return ZipBytes(
        pickle: PickleBytes.document(PickleBytes.orderedDictionary(items)), storages: storages)
    }

    @Test func export() throws {
      let workshop = try Workshop()
      try workshop.configure()
      #expect(try workshop.train("a").status == 0)
      func export(_ more: String...) throws -> Finished {
        try workshop.segtrain(["model", "export", "--checkpoint", "a/run"] + more)
      }
      let finished = try export("--out", "n.onnx", "--size", "32", "48")
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(try InputFile(workshop["n.onnx"]).byteCount > 40_000_000)
      #expect(try export("--out", "n.onnx").exit == .usage)
      #expect(try export("--out", "n.onnx", "--size", "32").exit == .usage)
      #expect(try export("--out", "n.onnx", "--size", "32", "48", "--dynamic").exit == .usage)
      #expect(try export("--out", "n.txt", "--dynamic").exit == .usage)
    }
  }
}
