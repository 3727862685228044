#ifndef SK_VARIANT
#include "sk_pixel_mean.h"

#include "pixel_factors.h"

enum { MEAN_CHUNK = 8192 };

struct mean_args {
  float *shares;
  const float *losses;
  const uint8_t *labels;
  size_t pixels;
  double *partial;  // of each chunk: sum of weighted losses, sum of weights, pixels that count
  float gamma, scale;
  float factors[256];
};

#define SK_SOURCE "pixel_mean.c"
#include "variants.h"

static size_t mean_chunks(size_t pixels) { return (pixels + MEAN_CHUNK - 1) / MEAN_CHUNK; }

size_t sk_pixel_mean_bytes(size_t pixels) { return mean_chunks(pixels) * 3 * sizeof(double); }

void sk_pixel_mean(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, float gamma, size_t pixels, size_t classes, int32_t ignore,
    int32_t normalization, double *partial) {
  struct mean_args args = {
      .shares = shares, .losses = losses, .labels = labels, .pixels = pixels, .partial = partial,
      .gamma = gamma};
  pixel_factors(args.factors, weights, classes, ignore);
  size_t chunks = mean_chunks(pixels);
  sk_parallel_for(pool, chunks, SK_PICK(pool, mean_chunk), &args);
  double sum = 0, weight = 0, count = 0;
  for (size_t chunk = 0; chunk < chunks; chunk++) {
    sum += partial[3 * chunk];
    weight += partial[3 * chunk + 1];
    count += partial[3 * chunk + 2];
  }
  double normaliser = normalization == SK_SUM_OF_WEIGHTS ? weight
                      : normalization == SK_ALL_PIXELS   ? (double)pixels
                                                         : count;
  *loss = normaliser > 0 ? (float)(sum / normaliser) : 0;
  args.scale = normaliser > 0 ? (float)(1 / normaliser) : 0;
  sk_parallel_for(pool, chunks, SK_PICK(pool, share_chunk), &args);
}

#else
#include "vecmath.h"

#include "focal_block.h"
#include "pixel_factors.h"

// Weights of 16 pixels, 0 where they do not count.
SK_INLINE v16 SK_NAME(mean_weights)(v16 factor, v16 x, float gamma) {
  return SK_NAME(select16)(
      (v16i)(factor < 0.0f), SK_NAME(splat16)(0), factor * SK_NAME(focal_weight)(x, gamma));
}

static void SK_NAME(mean_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct mean_args *args = context;
  typedef double v16d __attribute__((vector_size(128)));
  size_t begin = chunk * MEAN_CHUNK, end = begin + MEAN_CHUNK;
  if (end > args->pixels) end = args->pixels;
  v16d sums = {0}, weights = {0};
  v16i counts = {0};
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16 x = count < 16 ? SK_NAME(load16_part)(args->losses + i, count, 0)
                       : SK_NAME(load16)(args->losses + i);
    v16 factor = SK_NAME(load_factors)(args->factors, args->labels + i, count);
    v16d weight =
        __builtin_convertvector(SK_NAME(mean_weights)(factor, x, args->gamma), v16d);
    sums += weight * __builtin_convertvector(x, v16d);
    weights += weight;
    counts -= (v16i)(factor >= 0.0f);
  }
  double *result = args->partial + 3 * chunk;
  result[0] = result[1] = result[2] = 0;
  for (size_t lane = 0; lane < 16; lane++) {
    result[0] += sums[lane];
    result[1] += weights[lane];
    result[2] += counts[lane];
  }
}

static void SK_NAME(share_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct mean_args *args = context;
  size_t begin = chunk * MEAN_CHUNK, end = begin + MEAN_CHUNK;
  if (end > args->pixels) end = args->pixels;
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16 x = count < 16 ? SK_NAME(load16_part)(args->losses + i, count, 0)
                       : SK_NAME(load16)(args->losses + i);
    v16 factor = SK_NAME(load_factors)(args->factors, args->labels + i, count);
    v16 share = SK_NAME(mean_weights)(factor, x, args->gamma) * args->scale;
    if (count < 16)
      SK_NAME(store16_part)(args->shares + i, share, count);
    else
      SK_NAME(store16)(args->shares + i, share);
  }
}

#endif
