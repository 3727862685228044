import Glibc
import SegCore

/// One zeroed block of memory, aligned to a page, handed back when the arena goes.
///
/// Threads of the pool write disjoint parts of it during one operation; that is the only sharing.
package final class Arena: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  package let byteCount: Int

  /// - Throws: `Failure(.internal)` when the machine does not have that much memory.
  package init(byteCount: Int, purpose: String) throws {
    self.byteCount = max(byteCount, 1)
    let block = mmap(
      nil, self.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let block, block != MAP_FAILED else {
      throw Failure(
        .internal, purpose,
        "cannot reserve \(byteCount) bytes: \(String(cString: strerror(errno)))",
        hint: "use a smaller batch_size or crop_size")
    }
    // Large pages save page-table walks on big activations; a refusal is harmless.
    if self.byteCount >= 1 << 22 { madvise(block, self.byteCount, MADV_HUGEPAGE) }
    base = block
  }

  deinit { munmap(base, byteCount) }

  package func fill(byte: UInt8) { memset(base, Int32(byte), byteCount) }
}
