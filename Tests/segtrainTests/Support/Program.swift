import Glibc
import SegCore
import SegTestSupport
import Testing

/// Every test of the built program, one after the other: each starts processes that want all cores.
@Suite(.serialized) enum EndToEnd {}

/// How a process ended and what it wrote.
struct Finished {
  /// The exit status, or minus the signal that ended it.
  var status: Int32
  var output: String
  var errors: String

  /// Exit status as in the public contract; nil for 0 and for signals.
  var exit: SegCore.ExitStatus? { SegCore.ExitStatus(rawValue: status) }
}

/// A process of the built program under a time limit; still running until `wait` returns.
final class Program {
  /// The binary beside the test bundle, else that of the last release build.
  static let path: String = {
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(
      decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let candidates = [
      FilePath.join(FilePath.parent(of: own), "segtrain"), "/\(root)/.build/release/segtrain",
      "/\(root)/.build/debug/segtrain",
    ]
    return candidates.first { FileSystem.kind(of: $0) == .file } ?? "segtrain not built"
  }()

  let process: pid_t
  private let folder: TemporaryCapture
  private var ended: Int32?

  /// - Parameters:
  ///   - folder: where the process runs.
  ///   - limits: a shell line run before the program, e.g. `ulimit -f 8`.
  init(_ arguments: [String], in folder: String, input: String = "", limits: String? = nil) throws {
    self.folder = try TemporaryCapture(input: input)
    // The shell goes to the folder and becomes the program: one process, one number.
    // What it remembers of label files stays in the folder too.
    let script =
      "cd \"$0\" && export XDG_CACHE_HOME=\"$PWD/cache\" && \(limits ?? ":") && exec \"$@\""
    let line = ["/bin/sh", "-c", script, folder, Self.path] + arguments
    process = try Self.spawn(line, self.folder)
  }

  deinit {
    if ended == nil {
      kill(process, SIGKILL)
      var status: Int32 = 0
      waitpid(process, &status, 0)
    }
  }

  var isRunning: Bool {
    poll()
    return ended == nil
  }

  func send(_ signal: Int32) { if isRunning { kill(process, signal) } }

  /// What the process wrote to standard error so far.
  var errorsSoFar: String { folder.errors }

  /// Waits until `condition` holds or the process ends.
  func wait(until condition: () -> Bool) {
    while isRunning, !condition() { usleep(1000) }
  }

  /// - Parameter limit: seconds after which the process is killed and the test has failed.
  @discardableResult
  func wait(
    limit: Double = 60, _ location: SourceLocation = #_sourceLocation
  ) -> Finished {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limit)
    while isRunning {
      if clock.now > deadline {
        Issue.record("no end after \(limit) s:\n\(folder.errors)", sourceLocation: location)
        kill(process, SIGKILL)
      }
      usleep(2000)
    }
    return Finished(status: ended ?? -1, output: folder.output, errors: folder.errors)
  }

  private func poll() {
    guard ended == nil else { return }
    var status: Int32 = 0
    guard waitpid(process, &status, WNOHANG) == process else { return }
    ended = status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
  }

  private static func spawn(
    _ line: [String], _ capture: TemporaryCapture
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, capture.folder["in"], O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, capture.folder["out"], flags, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, capture.folder["err"], flags, 0o644)
    var arguments: [UnsafeMutablePointer<CChar>?] = line.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    // Threads of a test may block signals, which a new process would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let code = posix_spawn(&process, line[0], &actions, &attributes, &arguments, environ)
    guard code == 0 else { throw Failure.system(line[0], "start", code: code, reading: true) }
    return process
  }
}

/// Files for the three standard streams of a process.
final class TemporaryCapture {
  let folder: TemporaryFolder

  init(input: String) throws {
    folder = try TemporaryFolder()
    try AtomicFile.write(input, to: folder["in"])
  }

  var output: String { (try? InputFile.text(of: folder["out"])) ?? "" }
  var errors: String { (try? InputFile.text(of: folder["err"])) ?? "" }
}
