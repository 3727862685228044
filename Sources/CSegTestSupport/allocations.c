#include "CSegTestSupport.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SITES = 8 };

static atomic_bool counting;
static atomic_size_t calls;
static struct {
  const void *site;
  size_t bytes;
} sites[SITES];

void st_start_counting_allocations(void) {
  for (int i = 0; i < SITES; i++) sites[i].site = NULL;
  atomic_store(&calls, 0);
  atomic_store(&counting, true);
}

size_t st_stop_counting_allocations(void) {
  atomic_store(&counting, false);
  return atomic_load(&calls);
}

const void *st_allocation_site(size_t index, size_t *bytes) {
  if (index >= SITES) return NULL;
  *bytes = sites[index].bytes;
  return sites[index].site;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_OWN_MALLOC 1
#endif
#endif

#ifdef HAS_OWN_MALLOC

int st_can_count_allocations(void) { return 0; }

#else

int st_can_count_allocations(void) { return 1; }

// glibc's own, under the names it exports for this purpose.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static void note(size_t bytes, const void *site) {
  if (!atomic_load_explicit(&counting, memory_order_relaxed)) return;
  size_t index = atomic_fetch_add(&calls, 1);
  if (index >= SITES) return;
  sites[index].bytes = bytes;
  sites[index].site = site;
}

void *malloc(size_t bytes) {
  note(bytes, __builtin_return_address(0));
  return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
  note(count * bytes, __builtin_return_address(0));
  return __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes) {
  note(bytes, __builtin_return_address(0));
  return __libc_realloc(block, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
  note(bytes, __builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  note(bytes, __builtin_return_address(0));
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes) {
  note(bytes, __builtin_return_address(0));
  if (alignment < sizeof(void *) || (alignment & (alignment - 1))) return EINVAL;
  void *found = __libc_memalign(alignment, bytes);
  if (!found) return ENOMEM;
  *block = found;
  return 0;
}

#endif
