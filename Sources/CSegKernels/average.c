#ifndef SK_VARIANT
#include "sk_average.h"

enum { CHUNK = 32768 };

struct average_args {
  float *a, *b;
  const float *x;
  size_t n;
  float share;
};

#define SK_SOURCE "average.c"
#include "variants.h"

void sk_average(sk_pool *pool, float *average, const float *x, float share, size_t n) {
  struct average_args args = {.a = average, .x = x, .n = n, .share = share};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, average_chunk), &args);
}

void sk_exchange(sk_pool *pool, float *a, float *b, size_t n) {
  struct average_args args = {.a = a, .b = b, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, exchange_chunk), &args);
}

#else

static void SK_NAME(average_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct average_args *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->n ? begin + CHUNK : args->n;
  float *restrict average = args->a, share = args->share;
  const float *restrict x = args->x;
  for (size_t i = begin; i < end; i++) average[i] += share * (x[i] - average[i]);
}

static void SK_NAME(exchange_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct average_args *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->n ? begin + CHUNK : args->n;
  float *restrict a = args->a, *restrict b = args->b;
  for (size_t i = begin; i < end; i++) {
    float value = a[i];
    a[i] = b[i];
    b[i] = value;
  }
}

#endif
