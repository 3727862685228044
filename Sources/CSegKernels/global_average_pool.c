#ifndef SK_VARIANT
#include "sk_global_average_pool.h"

// Floats one chunk reads; its sums are c doubles.
enum { CHUNK = 131072, FEWEST_PIXELS = 32, CHANNEL_BLOCK = 512 };

struct average_args {
  float *out;
  const float *in;
  double *sums;  // (n, chunks of pixels, c)
  size_t n, pixels, c, chunk_pixels, chunks;
  int32_t accumulate;
};

static size_t pixels_per_chunk(size_t c) {
  size_t pixels = CHUNK / (c ? c : 1);
  return pixels < FEWEST_PIXELS ? FEWEST_PIXELS : pixels;
}

#define SK_SOURCE "global_average_pool.c"
#include "variants.h"

size_t sk_global_average_pool_workspace(size_t n, size_t pixels, size_t c) {
  size_t chunk = pixels_per_chunk(c);
  return n * ((pixels + chunk - 1) / chunk) * c * sizeof(double);
}

void sk_global_average_pool(
    sk_pool *pool, float *y, const float *x, size_t n, size_t pixels, size_t c, void *workspace) {
  struct average_args args = {
      .out = y, .in = x, .sums = workspace, .n = n, .pixels = pixels, .c = c,
      .chunk_pixels = pixels_per_chunk(c)};
  args.chunks = (pixels + args.chunk_pixels - 1) / args.chunk_pixels;
  sk_parallel_for(pool, n * args.chunks, SK_PICK(pool, sum_pixels_chunk), &args);
  size_t blocks = (c + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
  sk_parallel_for(pool, n * blocks, SK_PICK(pool, average_block), &args);
}

void sk_global_average_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, size_t n, size_t pixels, size_t c,
    int32_t accumulate) {
  struct average_args args = {
      .out = dx, .in = dy, .n = n, .pixels = pixels, .c = c, .chunk_pixels = pixels_per_chunk(c),
      .accumulate = accumulate};
  args.chunks = (pixels + args.chunk_pixels - 1) / args.chunk_pixels;
  sk_parallel_for(pool, n * args.chunks, SK_PICK(pool, spread_chunk), &args);
}

#else

static void SK_NAME(sum_pixels_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct average_args *args = context;
  size_t image = chunk / args->chunks, c = args->c;
  size_t pixel = chunk % args->chunks * args->chunk_pixels, end = pixel + args->chunk_pixels;
  if (end > args->pixels) end = args->pixels;
  const float *x = args->in + (image * args->pixels + pixel) * c;
  double *restrict sums = args->sums + chunk * c;
  for (size_t i = 0; i < c; i++) sums[i] = 0;
  // Four pixels at a time: the sums are read and written once for all of them.
  for (; pixel + 4 <= end; pixel += 4, x += 4 * c) {
    const float *restrict a = x, *restrict b = x + c, *restrict d = b + c, *restrict e = d + c;
    for (size_t i = 0; i < c; i++)
      sums[i] += ((double)a[i] + (double)b[i]) + ((double)d[i] + (double)e[i]);
  }
  for (; pixel < end; pixel++, x += c)
    for (size_t i = 0; i < c; i++) sums[i] += (double)x[i];
}

static void SK_NAME(average_block)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct average_args *args = context;
  size_t c = args->c, blocks = (c + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
  size_t image = chunk / blocks, begin = chunk % blocks * CHANNEL_BLOCK;
  size_t count = c - begin < CHANNEL_BLOCK ? c - begin : CHANNEL_BLOCK;
  double total[CHANNEL_BLOCK] = {0};
  for (size_t part = 0; part < args->chunks; part++) {
    const double *sums = args->sums + (image * args->chunks + part) * c + begin;
    for (size_t i = 0; i < count; i++) total[i] += sums[i];
  }
  float *y = args->out + image * c + begin;
  for (size_t i = 0; i < count; i++) y[i] = (float)(total[i] / (double)args->pixels);
}

static void SK_NAME(spread_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct average_args *args = context;
  size_t image = chunk / args->chunks, c = args->c;
  size_t pixel = chunk % args->chunks * args->chunk_pixels, end = pixel + args->chunk_pixels;
  if (end > args->pixels) end = args->pixels;
  const float *restrict dy = args->in + image * c;
  float share = 1 / (float)args->pixels;
  for (; pixel < end; pixel++) {
    float *restrict dx = args->out + (image * args->pixels + pixel) * c;
    if (args->accumulate)
      for (size_t i = 0; i < c; i++) dx[i] += dy[i] * share;
    else
      for (size_t i = 0; i < c; i++) dx[i] = dy[i] * share;
  }
}

#endif
