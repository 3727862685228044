/// Single layers, losses, optimizers and schedules of `Tests/Golden/layer_*.json`.
public struct GoldenLayers: Decodable, Sendable {
  /// One use of an operation: what goes in, what PyTorch gives, and the gradients of `sum(output * upstream)`.
  public struct Case: Decodable, Sendable, CustomStringConvertible {
    public var name: String
    public var op: String
    public var attributes: [String: Double]
    public var inputs: [String: GoldenTensor]
    public var outputs: [String: GoldenTensor]
    /// By the input's name; empty where nothing is differentiated.
    public var gradients: [String: GoldenTensor]

    public var description: String { "\(op): \(name)" }
  }

  public var metadata: GoldenMetadata
  public var cases: [Case]

  /// The cases of `Tests/Golden/layer_<file>.json`, in the file's order.
  public static func cases(_ file: String) throws -> [Case] {
    let golden: GoldenLayers = try GoldenFile.load("layer_\(file)")
    return golden.cases
  }
}

/// `Tests/Golden/state_dict_names.json`: what the files of torchvision's networks hold, in order.
public struct GoldenNames: Decodable, Sendable {
  public struct Network: Decodable, Sendable {
    public struct Totals: Decodable, Sendable {
      public var classes: Int
      /// Entries of the state dict, buffers included.
      public var entries: Int
      /// Trainable numbers.
      public var parameters: Int
      /// All numbers of the state dict.
      public var stateElements: Int

      enum CodingKeys: String, CodingKey {
        case classes, entries, parameters
        case stateElements = "state_elements"
      }
    }

    public struct Entry: Decodable, Sendable {
      public var name: String
      /// -1 stands for the number of classes.
      public var shape: [Int]
      public var dtype: String
      public var trainable: Bool
    }

    public var architecture: String
    public var backbone: String
    public var auxHead: Bool
    public var totals: [Totals]
    public var entries: [Entry]

    enum CodingKeys: String, CodingKey {
      case architecture, backbone, totals, entries
      case auxHead = "aux_head"
    }
  }

  public var metadata: GoldenMetadata
  public var networks: [Network]
}

/// `Tests/Golden/backbone_names.json`: the same for deeper ResNets, as a digest.
public struct GoldenBackbones: Decodable, Sendable {
  public struct Network: Decodable, Sendable {
    public var architecture: String
    public var backbone: String
    public var auxHead: Bool
    public var classes: Int
    /// Entries of the state dict, buffers included.
    public var entries: Int
    /// Trainable numbers.
    public var parameters: Int
    /// Of all lines, each with its end.
    public var sha256: String
    /// Name, type, shape, and ` learned` for parameters; `nil` for most networks.
    public var lines: [String]?

    enum CodingKeys: String, CodingKey {
      case architecture, backbone, classes, entries, parameters, sha256, lines
      case auxHead = "aux_head"
    }
  }

  public var metadata: GoldenMetadata
  public var networks: [Network]
}

/// `Tests/Golden/initialisation.json`: the distribution every tensor starts with.
public struct GoldenInitialisation: Decodable, Sendable {
  public struct Network: Decodable, Sendable {
    public struct Entry: Decodable, Sendable {
      public var name: String
      public var elements: Int
      /// `normal` (parameter: standard deviation), `uniform` (parameter: bound) or `constant` (the value).
      public var rule: String
      public var parameter: Double
      /// Fan the parameter comes from: out for the backbone, in for heads, 0 for constants.
      public var fan: Int
    }

    public var architecture: String
    public var entries: [Entry]
  }

  public var metadata: GoldenMetadata
  public var networks: [Network]
}

/// `Tests/Golden/multiply_adds.json`: work and size of every network, counted in PyTorch.
public struct GoldenMultiplyAdds: Decodable, Sendable {
  public struct Network: Decodable, Sendable {
    public var architecture: String
    public var backbone: String
    public var outputStride: Int
    public var height: Int
    public var width: Int
    /// Without the auxiliary head, as the multiply-adds.
    public var parameters: Int
    public var multiplyAdds: Int
    public var auxiliaryParameters: Int
    public var auxiliaryMultiplyAdds: Int

    enum CodingKeys: String, CodingKey {
      case architecture, backbone, height, width, parameters
      case outputStride = "output_stride"
      case multiplyAdds = "multiply_adds"
      case auxiliaryParameters = "auxiliary_parameters"
      case auxiliaryMultiplyAdds = "auxiliary_multiply_adds"
    }
  }

  public var metadata: GoldenMetadata
  public var classes: Int
  public var networks: [Network]
}
