#ifndef SK_VARIANT
#include "sk_relu.h"

enum { CHUNK = 32768 };

struct relu_args {
  float *out;
  const float *in, *other, *y;
  size_t n;
  int32_t accumulate;
};

#define SK_SOURCE "relu.c"
#include "variants.h"

void sk_relu(sk_pool *pool, float *y, const float *x, size_t n) {
  struct relu_args args = {.out = y, .in = x, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, relu_chunk), &args);
}

void sk_add_relu(sk_pool *pool, float *y, const float *a, const float *b, size_t n) {
  struct relu_args args = {.out = y, .in = a, .other = b, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, add_relu_chunk), &args);
}

void sk_relu_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t n, int32_t accumulate) {
  struct relu_args args = {.out = dx, .in = dy, .y = y, .n = n, .accumulate = accumulate};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, relu_gradient_chunk), &args);
}

#else
#include "vecmath.h"

// Explicit vectors: where y is x, the compiler's own check for overlap would choose its scalar loop.

static void SK_NAME(relu_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct relu_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  float *y = args->out;
  const float *x = args->in;
  // Written so that NaN passes through instead of becoming 0: a diverged run must show.
  for (; i + 16 <= end; i += 16) {
    v16 value = SK_NAME(load16)(x + i);
    SK_NAME(store16)(y + i, (v16)((v16i)value & ~(v16i)(value < 0.0f)));
  }
  for (; i < end; i++) y[i] = x[i] < 0 ? 0 : x[i];
}

static void SK_NAME(add_relu_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct relu_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  float *y = args->out;
  const float *a = args->in, *b = args->other;
  for (; i + 16 <= end; i += 16) {
    v16 sum = SK_NAME(load16)(a + i) + SK_NAME(load16)(b + i);
    SK_NAME(store16)(y + i, (v16)((v16i)sum & ~(v16i)(sum < 0.0f)));
  }
  for (; i < end; i++) {
    float sum = a[i] + b[i];
    y[i] = sum < 0 ? 0 : sum;
  }
}

static void SK_NAME(relu_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct relu_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  float *dx = args->out;
  const float *dy = args->in, *y = args->y;
  for (; i + 16 <= end; i += 16) {
    v16i passed = (v16i)(SK_NAME(load16)(y + i) > 0.0f);
    v16 value = (v16)((v16i)SK_NAME(loaded16)(dy + i) & passed);
    if (args->accumulate) value += SK_NAME(load16)(dx + i);
    SK_NAME(store16)(dx + i, value);
  }
  for (; i < end; i++) {
    float value = y[i] > 0 ? dy[i] : 0;
    dx[i] = args->accumulate ? dx[i] + value : value;
  }
}

#endif
