#ifndef SK_VARIANT
#include "sk_pixel_cross_entropy.h"

#include "pixel_chunks.h"

#include <string.h>

struct entropy_args {
  float *dz;
  const float *logits;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t accumulate;
  int32_t ignore;
  double *partial;              // of each chunk: sum of losses, sum of weights, pixels that count
  float factor[PIXEL_CLASSES];  // what a pixel of each class is multiplied with
};

#define SK_SOURCE "pixel_cross_entropy.c"
#include "variants.h"

size_t sk_pixel_cross_entropy_bytes(size_t pixels) {
  return pixel_chunks(pixels) * 3 * sizeof(double);
}

void sk_pixel_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, const float *logits, const uint8_t *labels,
    const float *weights, size_t pixels, size_t classes, int32_t ignore, int32_t normalization,
    double *partial) {
  struct entropy_args args = {
      .logits = logits, .labels = labels, .pixels = pixels, .classes = classes,
      .ignore = ignore, .partial = partial};
  for (size_t c = 0; c < classes; c++) args.factor[c] = weights[c];
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, loss_chunk), &args);
  double losses = 0, weight = 0, count = 0;
  for (size_t chunk = 0; chunk < pixel_chunks(pixels); chunk++) {
    losses += partial[3 * chunk];
    weight += partial[3 * chunk + 1];
    count += partial[3 * chunk + 2];
  }
  *normaliser = normalization == SK_SUM_OF_WEIGHTS ? weight
                : normalization == SK_ALL_PIXELS   ? (double)pixels
                                                   : count;
  *loss = *normaliser > 0 ? (float)(losses / *normaliser) : 0;
}

void sk_pixel_cross_entropy_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *weights,
    float upstream, double normaliser, size_t pixels, size_t classes, int32_t ignore,
    int32_t accumulate) {
  struct entropy_args args = {
      .dz = dz, .logits = logits, .labels = labels, .pixels = pixels, .classes = classes,
      .accumulate = accumulate, .ignore = ignore};
  double scale = normaliser > 0 ? upstream / normaliser : 0;
  for (size_t c = 0; c < classes; c++) args.factor[c] = (float)(weights[c] * scale);
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"

static void SK_NAME(loss_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct entropy_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  typedef double v16d __attribute__((vector_size(128)));
  v16d losses = {0}, weights = {0};
  v16i counts = {0};
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 largest = SK_NAME(largest16)(z, classes);
    v16 sum = SK_NAME(splat16)(0), target = sum, factor = sum;
    for (size_t c = 0; c < classes; c++) {
      v16 d = z[c] - largest;
      v16i is_target = label == (int32_t)c;
      target = SK_NAME(select16)(is_target, d, target);
      factor = SK_NAME(select16)(is_target, SK_NAME(splat16)(args->factor[c]), factor);
      sum += SK_NAME(exp16_below)(d);
    }
    // Selected, not multiplied: an ignored pixel may hold anything.
    v16 loss = SK_NAME(select16)(label < 0, SK_NAME(splat16)(0), SK_NAME(log16)(sum) - target);
    counts -= label >= 0;
    v16d weight = __builtin_convertvector(factor, v16d);
    losses += weight * __builtin_convertvector(loss, v16d);
    weights += weight;
  }
  double *result = args->partial + 3 * chunk;
  result[0] = result[1] = result[2] = 0;
  for (size_t lane = 0; lane < 16; lane++) {
    result[0] += losses[lane];
    result[1] += weights[lane];
    result[2] += counts[lane];
  }
}

static void SK_NAME(gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct entropy_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 largest = SK_NAME(largest16)(z, classes);
    const v16 zero = {0};
    v16 sum = zero, factor = zero;
    for (size_t c = 0; c < classes; c++) {
      v16i is_target = label == (int32_t)c;
      factor = SK_NAME(select16)(is_target, SK_NAME(splat16)(args->factor[c]), factor);
      z[c] = SK_NAME(exp16_below)(z[c] - largest);
      sum += z[c];
    }
    v16 scale = factor / sum;
    for (size_t c = 0; c < classes; c++) {
      v16 onehot = SK_NAME(select16)(label == (int32_t)c, factor, zero);
      z[c] = SK_NAME(select16)(label < 0, zero, z[c] * scale - onehot);
    }
    SK_NAME(store_pixels)(
        args->dz + pixel * classes, z, classes, count, args->accumulate, scratch);
  }
}

#endif
