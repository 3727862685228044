import CSegKernels
import Glibc
public import SegCore
import SegData
import SegEngine

/// What a run ran on: processor, threads, libraries. For `env.json` and `segtrain doctor`.
public struct EnvironmentReport: Sendable {
  private var fields: [(key: String, value: JSONValue)] = []
  /// What keeps segtrain from running here.
  public let problem: String?

  public init(version: String? = nil, threads: Int? = nil, memory: MemoryPlan? = nil) {
    problem = sk_blas_problem().map { String(cString: $0) }
    if let version { fields.append(("segtrain", .string(version))) }
    fields.append(("processor", .string(Self.processor)))
    fields.append(("cores", .integer(Machine.cores)))
    fields.append(("threads", .integer(threads ?? Machine.cores)))
    fields.append(("vector_variant", .string("\(VectorVariant.current)")))
    fields.append(("blas", .string(String(cString: sk_blas_description()))))
    fields.append(("png", .string(PNGImage.unpackedBy)))
    fields.append(("memory_bytes", MemoryPlan.machineBytes().map { .integer($0) } ?? .null))
    fields.append(("kernel", .string(Self.kernel)))
    if let memory { fields.append(("planned_bytes", memory.json)) }
  }

  public var json: JSONValue { .object(fields) }

  public var text: String {
    fields.map { key, value in
      if case .string(let text) = value { return "\(key): \(text)" }
      if key == "memory_bytes", case .integer(let bytes) = value {
        return "memory: \(MemoryPlan.readable(bytes))"
      }
      return "\(key): \(value.compact)"
    }.joined(separator: "\n") + (problem == nil ? "\neverything needed is here" : "")
  }

  private static var processor: String {
    let text = (try? InputFile.text(of: "/proc/cpuinfo")) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    guard let line, let colon = line.firstIndex(of: ":") else { return "unknown" }
    return String(line[line.index(after: colon)...].drop { $0 == " " })
  }

  private static var kernel: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    return withUnsafeBytes(of: name.release) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
