#ifndef MAX_POOL_H
#define MAX_POOL_H
#include <stddef.h>
#include <stdint.h>

// Indices from `begin` to before `end`.
struct span {
  size_t begin, end;
};

typedef uint8_t u8x16 __attribute__((vector_size(16), aligned(1)));

#endif
