import ArgumentParser
import SegCore
import SegTraining

struct Weights: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at weight files and convert them.",
    discussion:
      "Reads .safetensors and PyTorch's .pth and .pt (zip and legacy); runs no code in them.",
    subcommands: [Inspect.self, Convert.self])

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Names, types and shapes of the tensors in a file.")

    @Argument(help: "A .safetensors, .pth or .pt file.")
    var file: String

    @Flag(help: "Print one JSON document on standard output and nothing else.")
    var json = false

    @Flag(help: "Also the MD5 of every tensor's bytes.")
    var md5 = false

    func run() throws {
      let inspection = try WeightInspection(file, md5: md5)
      try Console.output(json ? inspection.json.pretty : inspection.text)
    }
  }

  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the network's tensors of a file as safetensors.",
      discussion: """
        Names lose what wraps them (state_dict, module. and the like), which is said. The values stay as \
        they are stored unless --dtype f32 is given.
        """)

    @Argument(help: "A .safetensors, .pth or .pt file.")
    var file: String

    @Option(help: "The .safetensors file to write; one of that name is replaced.")
    var out: String

    @Option(help: "stored, or f32: floating-point numbers as fp32.")
    var dtype = WeightConversion.Types.stored.rawValue

    func run() throws {
      let known = WeightConversion.Types.allCases.map(\.rawValue)
      guard let types = WeightConversion.Types(rawValue: dtype) else {
        throw Failure(
          .usage, "--dtype", "expected \(known.joined(separator: " or ")), found \"\(dtype)\"")
      }
      guard out.hasSuffix(".safetensors") else {
        throw Failure(
          .usage, "--out", "expected a name that ends with .safetensors, found \"\(out)\"")
      }
      let conversion = try WeightConversion(file, types: types)
      try conversion.write(to: out)
      for note in conversion.stateDict.notes { Console.error(note) }
      Console.error("\(conversion.stateDict.items.count) tensors written to \(out)")
    }
  }
}
