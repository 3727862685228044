import CZlib
import Glibc

/// A part of a file.
package struct FilePart: Sendable {
  package var file: InputFile
  package var range: Range<Int>
}

/// Compressed entries of a zip file (method 8, RFC 1951), unpacked one behind the other into a file without a name.
///
/// On disk, so that memory stays that of a block or two; each entry once, and never beyond the size its directory says.
struct ZipUnpacker {
  /// What is unpacked.
  let file: InputFile
  private let descriptor: Int32
  private var filled = 0

  /// Weights shrink by a tenth; what grows beyond this many times the file, and a megabyte, is no network.
  static let maximalGrowth = 16
  static let freeGrowth = 1 << 20
  private static let blockSize = 1 << 16

  /// - Parameters:
  ///   - path: of the zip file, for messages.
  ///   - byteCount: of all that will be unpacked.
  /// - Throws: `.io` where the folder for temporary files cannot be written.
  init(_ path: String, byteCount: Int) throws(Failure) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array(FilePath.join(folder, "segtrain-unpacked-XXXXXX").utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw .system(folder, "make a temporary file", code: errno) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    file = InputFile(unnamed: descriptor, path: path, byteCount: byteCount)
  }

  /// Unpacks one entry.
  ///
  /// - Parameters:
  ///   - source: the compressed bytes.
  ///   - size: bytes unpacked, as the directory has it.
  ///   - checksum: CRC-32 of these.
  ///   - place: for messages.
  /// - Returns: where they lie.
  /// - Throws: `.badData` where size or checksum are others, `.io` where the disk is full.
  mutating func unpack(
    _ source: FilePart, size: Int, checksum: UInt32, place: String
  ) throws(Failure) -> Range<Int> {
    func bad(_ problem: String) -> Failure {
      Failure(.badData, file.path, "\(place): \(problem)", hint: ZipArchive.hint)
    }
    // zlib remembers where its state lies.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let length = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, length) == Z_OK else {
      throw Failure(.internal, file.path, "\(place): zlib has no memory")
    }
    defer { inflateEnd(stream) }
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockSize, alignment: 16)
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.blockSize, alignment: 16)
    defer {
      input.deallocate()
      output.deallocate()
    }
    var (taken, made, sum) = (source.range.lowerBound, 0, crc32(0, nil, 0))
    var code = Z_OK
    while code != Z_STREAM_END {
      if stream.pointee.avail_in == 0 {
        let count = min(Self.blockSize, source.range.upperBound - taken)
        try source.file.read(into: .init(rebasing: input[..<count]), at: taken)
        taken += count
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_in = uInt(count)
      }
      stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(Self.blockSize)
      code = inflate(stream, Z_NO_FLUSH)
      let count = Self.blockSize - Int(stream.pointee.avail_out)
      guard count <= size - made else {
        throw bad("its compressed bytes hold more than the \(size) the directory says")
      }
      sum = crc32(sum, output.baseAddress?.assumingMemoryBound(to: Bytef.self), uInt(count))
      try FileSystem.standard.write(
        .init(rebasing: output[..<count]), to: descriptor, "temporary file for \(file.path)")
      made += count
      switch code {
      case Z_OK, Z_STREAM_END: break
      case Z_BUF_ERROR: throw bad("its compressed bytes end too early")
      default:
        throw bad(
          "its compressed bytes: \(stream.pointee.msg.map { String(cString: $0) } ?? "damaged")")
      }
    }
    guard made == size else {
      throw bad("expected \(size) bytes, its compressed bytes hold \(made)")
    }
    guard sum == uLong(checksum) else {
      throw bad("expected checksum \(Self.hex(checksum)), found \(Self.hex(UInt32(sum)))")
    }
    filled += made
    return filled - made..<filled
  }

  private static func hex(_ value: UInt32) -> String { String(value, radix: 16) }
}
