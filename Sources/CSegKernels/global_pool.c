#ifndef SK_VARIANT
#include "sk_global_pool.h"

enum { CHANNELS = 64 };

struct global_pool_args {
  float *out;
  const float *in;
  size_t pixels, channels, blocks;
  int32_t accumulate;
};

#define SK_SOURCE "global_pool.c"
#include "variants.h"

void sk_global_average(
    sk_pool *pool, float *y, const float *x, size_t images, size_t pixels, size_t channels) {
  size_t blocks = (channels + CHANNELS - 1) / CHANNELS;
  struct global_pool_args args = {y, x, pixels, channels, blocks, 0};
  sk_parallel_for(pool, images * blocks, SK_PICK(pool, average_block), &args);
}

void sk_global_average_gradient(
    sk_pool *pool, float *dx, const float *dy, size_t images, size_t pixels, size_t channels,
    int32_t accumulate) {
  struct global_pool_args args = {dx, dy, pixels, channels, 1, accumulate};
  sk_parallel_for(pool, images, SK_PICK(pool, spread_image), &args);
}

#else

// One block of channels of one image.
static void SK_NAME(average_block)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct global_pool_args *args = context;
  size_t image = chunk / args->blocks, first = chunk % args->blocks * CHANNELS;
  size_t width = args->channels - first < CHANNELS ? args->channels - first : CHANNELS;
  double sums[CHANNELS] = {0};
  for (size_t pixel = 0; pixel < args->pixels; pixel++) {
    const float *x = args->in + (image * args->pixels + pixel) * args->channels + first;
    for (size_t c = 0; c < width; c++) sums[c] += x[c];
  }
  float *y = args->out + image * args->channels + first;
  for (size_t c = 0; c < width; c++) y[c] = (float)(sums[c] / (double)args->pixels);
}

static void SK_NAME(spread_image)(void *context, size_t image, int32_t worker) {
  (void)worker;
  const struct global_pool_args *args = context;
  const float *dy = args->in + image * args->channels;
  float share = 1 / (float)args->pixels;
  for (size_t pixel = 0; pixel < args->pixels; pixel++) {
    float *restrict dx = args->out + (image * args->pixels + pixel) * args->channels;
    if (args->accumulate)
      for (size_t c = 0; c < args->channels; c++) dx[c] += dy[c] * share;
    else
      for (size_t c = 0; c < args->channels; c++) dx[c] = dy[c] * share;
  }
}

#endif
