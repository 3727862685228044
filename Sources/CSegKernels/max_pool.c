#ifndef SK_VARIANT
#include "sk_max_pool.h"

#include <math.h>

struct max_pool_args {
  sk_max_pool_shape shape;
  float *out;
  uint8_t *position;
  const uint8_t *winners;
  const float *in;
  int32_t accumulate;
};

#define SK_SOURCE "max_pool.c"
#include "variants.h"

void sk_max_pool(
    sk_pool *pool, const sk_max_pool_shape *shape, float *y, uint8_t *position, const float *x) {
  struct max_pool_args args = {.shape = *shape, .out = y, .position = position, .in = x};
  sk_parallel_for(pool, (size_t)shape->n * (size_t)shape->p, SK_PICK(pool, max_pool_row), &args);
}

void sk_max_pool_gradient(
    sk_pool *pool, const sk_max_pool_shape *shape, float *dx, const float *dy, const uint8_t *position,
    int32_t accumulate) {
  struct max_pool_args args = {
      .shape = *shape, .out = dx, .winners = position, .in = dy, .accumulate = accumulate};
  sk_parallel_for(pool, (size_t)shape->n * (size_t)shape->h, SK_PICK(pool, max_pool_gradient_row), &args);
}

#else

// One row of output pixels.
static void SK_NAME(max_pool_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct max_pool_args *args = context;
  const sk_max_pool_shape s = args->shape;
  size_t channels = (size_t)s.c, image = chunk / (size_t)s.p;
  int32_t row = (int32_t)(chunk % (size_t)s.p);
  for (int32_t column = 0; column < s.q; column++) {
    float *restrict y = args->out + (chunk * (size_t)s.q + (size_t)column) * channels;
    uint8_t *restrict position = args->position + (chunk * (size_t)s.q + (size_t)column) * channels;
    int32_t started = 0;
    for (int32_t i = 0; i < s.kernel; i++) {
      int32_t h = row * s.stride - s.padding + i;
      if (h < 0 || h >= s.h) continue;
      for (int32_t j = 0; j < s.kernel; j++) {
        int32_t w = column * s.stride - s.padding + j;
        if (w < 0 || w >= s.w) continue;
        const float *restrict x =
            args->in + ((image * (size_t)s.h + (size_t)h) * (size_t)s.w + (size_t)w) * channels;
        uint8_t tap = (uint8_t)(i * s.kernel + j);
        if (!started) {
          for (size_t c = 0; c < channels; c++) y[c] = x[c];
          for (size_t c = 0; c < channels; c++) position[c] = tap;
          started = 1;
          continue;
        }
        for (size_t c = 0; c < channels; c++) {
          // Written without branches; a NaN found takes over and stays.
          int32_t wins = (x[c] > y[c]) | ((x[c] != x[c]) & (y[c] == y[c]));
          y[c] = wins ? x[c] : y[c];
          position[c] = wins ? tap : position[c];
        }
      }
    }
  }
}

// One row of input pixels: each gathers from the windows that cover it.
static void SK_NAME(max_pool_gradient_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct max_pool_args *args = context;
  const sk_max_pool_shape s = args->shape;
  size_t channels = (size_t)s.c, image = chunk / (size_t)s.h;
  int32_t h = (int32_t)(chunk % (size_t)s.h);
  for (int32_t w = 0; w < s.w; w++) {
    float *restrict dx = args->out + (chunk * (size_t)s.w + (size_t)w) * channels;
    if (!args->accumulate)
      for (size_t c = 0; c < channels; c++) dx[c] = 0;
    for (int32_t i = 0; i < s.kernel; i++) {
      int32_t below = h + s.padding - i, row = below / s.stride;
      if (below < 0 || below % s.stride || row >= s.p) continue;
      for (int32_t j = 0; j < s.kernel; j++) {
        int32_t right = w + s.padding - j, column = right / s.stride;
        if (right < 0 || right % s.stride || column >= s.q) continue;
        size_t pixel = (image * (size_t)s.p + (size_t)row) * (size_t)s.q + (size_t)column;
        const float *restrict dy = args->in + pixel * channels;
        const uint8_t *restrict winner = args->winners + pixel * channels;
        uint8_t tap = (uint8_t)(i * s.kernel + j);
        for (size_t c = 0; c < channels; c++) dx[c] += winner[c] == tap ? dy[c] : 0;
      }
    }
  }
}

#endif
