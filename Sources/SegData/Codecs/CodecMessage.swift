internal import CSegImage
internal import SegCore

/// Turns the return codes of the C shims into a `Failure` that names the file.
enum CodecMessage {
  /// Runs `body` with a message buffer and throws when it returns anything but `SI_OK`.
  static func check(
    _ name: String, format: String, bytes: Int,
    _ body: (UnsafeMutablePointer<CChar>) -> Int32
  ) throws {
    var code: Int32 = 0
    let size = Int(SI_MESSAGE_SIZE)
    let text = String(unsafeUninitializedCapacity: size) { buffer in
      buffer.withMemoryRebound(to: CChar.self) { chars in
        guard let message = chars.baseAddress else { return 0 }
        message.pointee = 0
        code = body(message)
        var length = 0
        while length < size && message[length] != 0 { length += 1 }
        return length
      }
    }
    switch code {
    case Int32(SI_OK): return
    case Int32(SI_OUT_OF_MEMORY): throw Failure(.io, name, "out of memory while decoding")
    case Int32(SI_TRUNCATED):
      throw Failure(
        .badData, name, "truncated \(format) of \(bytes) bytes: \(text)",
        hint: "the copy or download of this file was not finished; fetch it again")
    default: throw Failure(.badData, name, "damaged \(format): \(text)")
    }
  }
}
