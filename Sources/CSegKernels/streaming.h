#ifndef STREAMING_H
#define STREAMING_H
// Results written past the caches.
//
// An ordinary store reads the line it is about to overwrite. A result too large to stay in the last-level cache pays for
// that with a third of the memory traffic and gains nothing: it has left the cache again before its reader comes. The pool
// makes such stores visible when a task ends. Measured: docs/design.md.
#include <stddef.h>
#include <stdint.h>

enum { SK_STREAMED_BYTES = 8 << 20 };

// Whether a result of so many rows (pixels), which nothing reads while it is written, goes past the caches.
static inline int32_t sk_streams(const float *to, size_t rows, size_t channels) {
  return rows * channels * sizeof *to >= SK_STREAMED_BYTES && channels % 16 == 0 && (uintptr_t)to % 64 == 0;
}

#endif
