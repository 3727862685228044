#ifndef SK_VARIANT
#include "sk_basic.h"

#include <stdatomic.h>

// Elements of one chunk: 128 KB in and out stay in a second-level cache.
enum { CHUNK = 32768, MOST_CHUNKS = 4096 };

struct basic_args {
  float *y;
  const float *a, *b;
  float value;
  size_t n, chunk;
  int32_t accumulate;
  atomic_int flag;
  double *sums;
};

#define SK_RANGE(args, chunk_index)                    \
  size_t begin = (chunk_index) * (args)->chunk;        \
  size_t end = begin + (args)->chunk;                  \
  if (end > (args)->n) end = (args)->n

#define SK_SOURCE "basic.c"
#include "variants.h"

static size_t chunks_of(size_t n, size_t chunk) { return (n + chunk - 1) / chunk; }

void sk_fill(sk_pool *pool, float *y, float value, size_t n, int32_t accumulate) {
  struct basic_args args = {.y = y, .value = value, .n = n, .chunk = CHUNK, .accumulate = accumulate};
  sk_parallel_for(pool, chunks_of(n, CHUNK), SK_PICK(pool, fill_chunk), &args);
}

void sk_copy(sk_pool *pool, float *y, const float *x, size_t n, int32_t accumulate) {
  struct basic_args args = {.y = y, .a = x, .n = n, .chunk = CHUNK, .accumulate = accumulate};
  sk_parallel_for(pool, chunks_of(n, CHUNK), SK_PICK(pool, copy_chunk), &args);
}

void sk_add(sk_pool *pool, float *y, const float *a, const float *b, size_t n, int32_t accumulate) {
  struct basic_args args = {.y = y, .a = a, .b = b, .n = n, .chunk = CHUNK, .accumulate = accumulate};
  sk_parallel_for(pool, chunks_of(n, CHUNK), SK_PICK(pool, add_chunk), &args);
}

void sk_scale(
    sk_pool *pool, float *y, const float *x, float factor, size_t n, int32_t accumulate) {
  struct basic_args args = {
      .y = y, .a = x, .value = factor, .n = n, .chunk = CHUNK, .accumulate = accumulate};
  sk_parallel_for(pool, chunks_of(n, CHUNK), SK_PICK(pool, scale_chunk), &args);
}

int32_t sk_all_finite(sk_pool *pool, const float *x, size_t n) {
  struct basic_args args = {.a = x, .n = n, .chunk = CHUNK};
  sk_parallel_for(pool, chunks_of(n, CHUNK), SK_PICK(pool, finite_chunk), &args);
  return atomic_load(&args.flag) == 0;
}

double sk_sum_of_squares(sk_pool *pool, const float *x, size_t n) {
  size_t chunk = CHUNK;
  while (chunks_of(n, chunk) > MOST_CHUNKS) chunk *= 2;
  double sums[MOST_CHUNKS];
  struct basic_args args = {.a = x, .n = n, .chunk = chunk, .sums = sums};
  sk_parallel_for(pool, chunks_of(n, chunk), SK_PICK(pool, squares_chunk), &args);
  double total = 0;
  for (size_t i = 0; i < chunks_of(n, chunk); i++) total += sums[i];
  return total;
}

#else
#include "vecmath.h"

static void SK_NAME(fill_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  float *restrict y = args->y, value = args->value;
  if (args->accumulate)
    for (size_t i = begin; i < end; i++) y[i] += value;
  else
    for (size_t i = begin; i < end; i++) y[i] = value;
}

static void SK_NAME(copy_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  float *y = args->y;
  const float *x = args->a;
  if (args->accumulate)
    for (size_t i = begin; i < end; i++) y[i] += x[i];
  else if (y != x)
    for (size_t i = begin; i < end; i++) y[i] = x[i];
}

static void SK_NAME(add_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  float *y = args->y;
  const float *a = args->a, *b = args->b;
  size_t i = begin;
  // Explicit vectors: where y is a, the compiler's own check for overlap would choose its scalar loop.
  for (; i + 16 <= end; i += 16) {
    v16 sum = SK_NAME(load16)(a + i) + SK_NAME(load16)(b + i);
    if (args->accumulate) sum += SK_NAME(load16)(y + i);
    SK_NAME(store16)(y + i, sum);
  }
  for (; i < end; i++) {
    float sum = a[i] + b[i];
    y[i] = args->accumulate ? y[i] + sum : sum;
  }
}

static void SK_NAME(scale_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  float *y = args->y, factor = args->value;
  const float *x = args->a;
  size_t i = begin;
  // Explicit vectors: where y is x, the compiler's own check for overlap would choose its scalar loop.
  for (; i + 16 <= end; i += 16) {
    v16 scaled = factor * SK_NAME(load16)(x + i);
    if (args->accumulate) scaled += SK_NAME(load16)(y + i);
    SK_NAME(store16)(y + i, scaled);
  }
  for (; i < end; i++) y[i] = args->accumulate ? y[i] + factor * x[i] : factor * x[i];
}

static void SK_NAME(finite_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  const uint32_t *bits = (const uint32_t *)(const void *)args->a;
  // Infinity and NaN have all exponent bits set.
  uint32_t found = 0;
  for (size_t i = begin; i < end; i++) found |= (bits[i] & 0x7f800000u) == 0x7f800000u;
  if (found) atomic_store(&args->flag, 1);
}

static void SK_NAME(squares_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  struct basic_args *args = context;
  SK_RANGE(args, chunk);
  const float *x = args->a;
  double lanes[16] = {0}, total = 0;
  size_t i = begin;
  for (; i + 16 <= end; i += 16)
    for (int lane = 0; lane < 16; lane++) lanes[lane] += (double)x[i + lane] * x[i + lane];
  for (; i < end; i++) lanes[0] += (double)x[i] * x[i];
  for (int lane = 0; lane < 16; lane++) total += lanes[lane];
  args->sums[chunk] = total;
}

#endif
