import ArgumentParser
import SegCore
import SegTraining

extension Model {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a trained network as ONNX.",
      discussion: """
        The input is image [N, 3, H, W], prepared as in training (the metadata say how) or, with --bytes, as \
        bytes 0 to 255 in the order red, green, blue. The output is logits [N, classes, H, W].
        """)

    @Option(help: "A run directory, a checkpoint directory or a .safetensors, .pth or .pt file.")
    var checkpoint: String

    @Option(help: "Use this run config instead of the one stored with the model.")
    var config: String?

    @Option(
      name: .customLong("set"), parsing: .singleValue,
      help: ArgumentHelp("Override one key; may be repeated.", valueName: "a.b=value"))
    var overrides: [String] = []

    @Option(help: "The .onnx file to write; one of that name is replaced.")
    var out: String

    @Option(
      parsing: .upToNextOption,
      help: ArgumentHelp("One picture of this height and width.", valueName: "H W"))
    var size: [Int] = []

    @Flag(help: "Any number of pictures of any size.")
    var dynamic = false

    @Flag(help: "Take bytes and normalise inside.")
    var bytes = false

    func run() throws {
      let size = try exportSize()
      guard out.hasSuffix(".onnx") else {
        throw Failure(.usage, "--out", "expected a name that ends with .onnx, found \"\(out)\"")
      }
      let trained = try TrainedModel(checkpoint, configPath: config, overrides: overrides)
      try ONNXExport(trained, size: size, takesBytes: bytes).write(to: out)
      Console.error("written to \(out)")
    }

    private func exportSize() throws -> ONNXExport.Size {
      if dynamic, size.isEmpty { return .dynamic }
      guard !dynamic, !size.isEmpty else {
        throw Failure(
          .usage, "--size", "expected either --size H W or --dynamic",
          hint: "many runtimes are faster with a fixed size")
      }
      guard size.count == 2, size.allSatisfy({ (1...16384).contains($0) }) else {
        let found = size.map(String.init).joined(separator: " ")
        throw Failure(.usage, "--size", "expected height and width from 1 to 16384, found \(found)")
      }
      return .fixed(height: size[0], width: size[1])
    }
  }
}
