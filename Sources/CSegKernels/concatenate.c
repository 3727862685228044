#ifndef SK_VARIANT
#include "sk_concatenate.h"

enum { PIXELS = 512 };

struct concatenate_args {
  float *y;
  const float *x;
  size_t y_channels, x_channels, pixels, width;
  int32_t accumulate;
};

#define SK_SOURCE "concatenate.c"
#include "variants.h"

void sk_copy_channels(
    sk_pool *pool, float *y, size_t y_channels, size_t y_first, const float *x, size_t x_channels,
    size_t x_first, size_t pixels, size_t width, int32_t accumulate) {
  struct concatenate_args args = {y + y_first, x + x_first, y_channels, x_channels, pixels, width, accumulate};
  sk_parallel_for(pool, (pixels + PIXELS - 1) / PIXELS, SK_PICK(pool, copy_channels_chunk), &args);
}

#else

static void SK_NAME(copy_channels_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct concatenate_args *args = context;
  size_t begin = chunk * PIXELS, end = begin + PIXELS < args->pixels ? begin + PIXELS : args->pixels;
  for (size_t pixel = begin; pixel < end; pixel++) {
    float *restrict y = args->y + pixel * args->y_channels;
    const float *restrict x = args->x + pixel * args->x_channels;
    if (args->accumulate)
      for (size_t c = 0; c < args->width; c++) y[c] += x[c];
    else
      for (size_t c = 0; c < args->width; c++) y[c] = x[c];
  }
}

#endif
