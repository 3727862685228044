import Glibc
import SegCore
import SegTraining

/// What libFuzzer feeds: a reader by the name in `SEGTRAIN_FUZZ`. Failures are what bad input is to give;
/// anything else ends the process, and libFuzzer keeps the input.
enum Subject: String {
  case torch, safetensors, config

  static let chosen: Subject = {
    let name = getenv("SEGTRAIN_FUZZ").map { String(cString: $0) } ?? ""
    guard let subject = Subject(rawValue: name) else {
      fatalError("SEGTRAIN_FUZZ: expected torch, safetensors or config, found \"\(name)\"")
    }
    return subject
  }()

  func run(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    switch self {
    case .torch, .safetensors: try Self.read(try MemoryFile.shared.path(holding: bytes))
    case .config:
      let loaded = try RunConfig.load(bytes: Array(bytes), name: "run.json", overrides: [])
      _ = loaded.resolved.pretty
    }
  }

  /// Everything that is ever done with a weight file.
  private static func read(_ path: String) throws(Failure) {
    let file = try openWeightFile(path)
    let stateDict = StateDict(file)
    _ = stateDict.notes
    for item in stateDict.items {
      _ = try file.tensor(item.entry)
      _ = try? file.floats(item.entry)
    }
  }
}

/// A file without a disk: readers want a path.
final class MemoryFile: Sendable {
  static let shared = MemoryFile()
  private let descriptor: Int32

  private init() {
    var name = Array("/dev/shm/segtrain-fuzz-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    unlink(name)
    precondition(descriptor >= 0, "no memory file")
  }

  func path(holding bytes: UnsafeRawBufferPointer) throws(Failure) -> String {
    guard ftruncate(descriptor, bytes.count) == 0,
      pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
    else { throw .system("memory file", "write", code: errno) }
    return "/proc/self/fd/\(descriptor)"
  }
}

/// libFuzzer's own loop, found when this is linked with it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Of this process; the clock on the wall runs on while others use the machine.
private var processorSeconds: Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Writes the inputs to start from where `SEGTRAIN_SEEDS` names a folder, else fuzzes.
@main enum Fuzz {
  static func main() {
    if let folder = getenv("SEGTRAIN_SEEDS") {
      for (name, bytes) in Seeds.all(Subject.chosen) {
        writeQuickly(bytes, to: FilePath.join(String(cString: folder), name))
      }
      return
    }
    var (count, words) = (CommandLine.argc, CommandLine.unsafeArgv)
    exit(
      runDriver(&count, &words) { data, count in
        let start = processorSeconds
        try? Subject.chosen.run(UnsafeRawBufferPointer(start: data, count: count))
        if processorSeconds - start > 1 { fatalError("the input took more than a second") }
        return 0
      })
  }
}
