#ifndef SK_VARIANT
#include "sk_focal_losses.h"

struct focal_args {
  float *out;
  const float *dy, *x;
  float gamma;
  size_t n;
  int32_t accumulate;
};

enum { FOCAL_CHUNK = 8192 };

#define SK_SOURCE "focal_losses.c"
#include "variants.h"

void sk_focal_losses(sk_pool *pool, float *y, const float *x, float gamma, size_t n) {
  struct focal_args args = {.out = y, .x = x, .gamma = gamma, .n = n};
  size_t chunks = (n + FOCAL_CHUNK - 1) / FOCAL_CHUNK;
  sk_parallel_for(pool, chunks, SK_PICK(pool, focal_chunk), &args);
}

void sk_focal_losses_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *x, float gamma, size_t n,
    int32_t accumulate) {
  struct focal_args args = {
      .out = dx, .dy = dy, .x = x, .gamma = gamma, .n = n, .accumulate = accumulate};
  size_t chunks = (n + FOCAL_CHUNK - 1) / FOCAL_CHUNK;
  sk_parallel_for(pool, chunks, SK_PICK(pool, focal_gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "focal_block.h"

SK_INLINE v16 SK_NAME(load_lanes)(const float *x, size_t count) {
  return count < 16 ? SK_NAME(load16_part)(x, count, 0) : SK_NAME(load16)(x);
}

SK_INLINE void SK_NAME(store_lanes)(float *y, v16 x, size_t count) {
  if (count < 16)
    SK_NAME(store16_part)(y, x, count);
  else
    SK_NAME(store16)(y, x);
}

static void SK_NAME(focal_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct focal_args *args = context;
  size_t begin = chunk * FOCAL_CHUNK, end = begin + FOCAL_CHUNK;
  if (end > args->n) end = args->n;
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16 x = SK_NAME(load_lanes)(args->x + i, count);
    SK_NAME(store_lanes)(args->out + i, SK_NAME(focal_weight)(x, args->gamma) * x, count);
  }
}

static void SK_NAME(focal_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct focal_args *args = context;
  size_t begin = chunk * FOCAL_CHUNK, end = begin + FOCAL_CHUNK;
  if (end > args->n) end = args->n;
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16 x = SK_NAME(load_lanes)(args->x + i, count);
    v16 dy = SK_NAME(load_lanes)(args->dy + i, count);
    v16 q = SK_NAME(exp16_below)(-x), miss = 1.0f - q;
    // x / (1 - q) goes to 1 as x goes to 0.
    v16 ratio = SK_NAME(select16)((v16i)(miss == 0.0f), SK_NAME(splat16)(1), x / miss);
    v16 dx = dy * (SK_NAME(focal_weight)(x, args->gamma) * (args->gamma * q * ratio + 1.0f));
    if (args->accumulate) dx += SK_NAME(load_lanes)(args->out + i, count);
    SK_NAME(store_lanes)(args->out + i, dx, count);
  }
}

#endif
