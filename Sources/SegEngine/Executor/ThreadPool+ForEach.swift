import CSegKernels

extension ThreadPool {
  /// Calls `body` once for each number below `chunks`, on any thread, and waits for all; for work outside of plans.
  ///
  /// As with operations, chunks come from the size of the problem and write memory of their own.
  package func forEach(_ chunks: Int, _ body: @Sendable (_ chunk: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { context in
        sk_parallel_for(
          handle, chunks,
          { context, chunk, _ in
            context?.assumingMemoryBound(to: (@Sendable (Int) -> Void).self).pointee(Int(chunk))
          }, UnsafeMutableRawPointer(mutating: context))
      }
    }
  }
}
