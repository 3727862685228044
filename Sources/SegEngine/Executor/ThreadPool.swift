import CSegKernels

/// Instruction sets the kernels are compiled for.
public enum VectorVariant: Int32, Sendable, CaseIterable {
  case generic = 0
  case avx2 = 1
  case avx512 = 2

  /// The widest this machine can run, or what `SEGTRAIN_ISA` (generic, avx2, avx512) asks for.
  public static var current: VectorVariant { VectorVariant(rawValue: sk_detect_isa()) ?? .generic }

  /// Those this machine can run.
  public static var supported: [VectorVariant] {
    allCases.filter { $0.rawValue <= sk_supported_isa() }
  }
}

/// Our own worker threads: they take numbered chunks of one operation at a time.
///
/// Chunks are cut by the size of the problem, never by the number of threads, and each writes memory of its
/// own; so any number of threads gives the same bits.
public final class ThreadPool: @unchecked Sendable {
  package let handle: OpaquePointer
  public let threads: Int
  public let variant: VectorVariant

  /// - Parameter threads: at least 1; the calling thread is one of them.
  public init(threads: Int, variant: VectorVariant = .current) {
    precondition(threads >= 1, "a pool has at least one thread, found \(threads)")
    self.threads = threads
    self.variant = variant
    handle = sk_pool_create(Int32(threads), variant.rawValue)
  }

  deinit { sk_pool_destroy(handle) }
}
