#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "segimage.h"

void si_keep_freed_memory(void) {
#if defined(__GLIBC__)
  // Who has set them knows better.
  if (getenv("MALLOC_TRIM_THRESHOLD_") || getenv("MALLOC_MMAP_THRESHOLD_")) return;
  mallopt(M_MMAP_THRESHOLD, 16 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
#endif
}
