#ifndef SK_VARIANT
#include "sk_channel_sum.h"

enum { PIXELS = 1024 };

struct channel_sum_args {
  const float *x;
  size_t pixels, channels;
  double *sums;
};

#define SK_SOURCE "channel_sum.c"
#include "variants.h"

static size_t chunks_of(size_t pixels) { return (pixels + PIXELS - 1) / PIXELS; }

size_t sk_channel_sum_bytes(size_t pixels, size_t channels) {
  return chunks_of(pixels) * channels * sizeof(double);
}

void sk_channel_sum(
    sk_pool *pool, float *y, const float *x, size_t pixels, size_t channels, int32_t accumulate,
    void *workspace) {
  struct channel_sum_args args = {x, pixels, channels, workspace};
  size_t chunks = chunks_of(pixels);
  sk_parallel_for(pool, chunks, SK_PICK(pool, channel_sum_chunk), &args);
  for (size_t c = 0; c < channels; c++) {
    double sum = 0;
    for (size_t chunk = 0; chunk < chunks; chunk++) sum += args.sums[chunk * channels + c];
    y[c] = (float)(accumulate ? y[c] + sum : sum);
  }
}

#else

static void SK_NAME(channel_sum_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct channel_sum_args *args = context;
  size_t channels = args->channels, begin = chunk * PIXELS;
  size_t end = begin + PIXELS < args->pixels ? begin + PIXELS : args->pixels;
  double *restrict sums = args->sums + chunk * channels;
  for (size_t c = 0; c < channels; c++) sums[c] = 0;
  for (size_t pixel = begin; pixel < end; pixel++) {
    const float *restrict x = args->x + pixel * channels;
    for (size_t c = 0; c < channels; c++) sums[c] += x[c];
  }
}

#endif
