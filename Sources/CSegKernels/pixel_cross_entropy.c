#ifndef SK_VARIANT
#include "sk_pixel_cross_entropy.h"

#include "pixel_labels.h"

#include <string.h>

struct entropy_args {
  float *dz;
  const float *logits;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t accumulate;
  double *partial;  // of each chunk: sum of losses, sum of weights, pixels that count
  struct pixel_labels rule;
  float factor[PIXEL_CLASSES + 1];  // by label: what its pixels are multiplied with, 0 if ignored
};

#define SK_SOURCE "pixel_cross_entropy.c"
#include "variants.h"

static void set_factors(
    struct entropy_args *args, const float *weights, double scale, int32_t ignore) {
  args->rule = pixel_labels_of(args->classes, ignore);
  for (size_t c = 0; c < args->classes; c++)
    if (args->rule.mask[c]) args->factor[c] = (float)(weights[c] * scale);
}

size_t sk_pixel_cross_entropy_bytes(size_t pixels) {
  return pixel_chunks(pixels) * 3 * sizeof(double);
}

void sk_pixel_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, const float *logits, const uint8_t *labels,
    const float *weights, size_t pixels, size_t classes, int32_t ignore, int32_t normalization,
    double *partial) {
  struct entropy_args args = {
      .logits = logits, .labels = labels, .pixels = pixels, .classes = classes,
      .partial = partial};
  set_factors(&args, weights, 1, ignore);
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
      .accumulate = accumulate};
  set_factors(&args, weights, normaliser > 0 ? upstream / normaliser : 0, ignore);
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"

SK_INLINE v16 SK_NAME(largest)(const v16 *z, size_t classes) {
  v16 largest = z[0];
  for (size_t c = 1; c < classes; c++) largest = SK_NAME(max16)(largest, z[c]);
  return largest;
}

static void SK_NAME(loss_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct entropy_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  v16 z[PIXEL_CLASSES];
  float scratch[16 * PIXEL_CLASSES];
  double losses[16] = {0}, weights[16] = {0};
  int32_t counts[16] = {0};
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16 largest = SK_NAME(largest)(z, classes), sum = SK_NAME(splat16)(0);
    for (size_t c = 0; c < classes; c++) sum += SK_NAME(exp16)(z[c] - largest);
    float target[16], factor[16];
    int32_t mask[16];
    for (size_t lane = 0; lane < 16; lane++) {
      size_t label = lane < count ? args->labels[pixel + lane] : PIXEL_NO_LABEL;
      mask[lane] = args->rule.mask[label];
      factor[lane] = args->factor[label];
      target[lane] = z[args->rule.class_[label]][lane];
    }
    v16 value = SK_NAME(log16)(sum) - (SK_NAME(load16)(target) - largest);
    float loss[16];
    // Selected, not multiplied: an ignored pixel may hold anything.
    SK_NAME(store16)(loss, (v16)((v16i)value & *(const v16i *)(const void *)mask));
    for (size_t lane = 0; lane < 16; lane++) {
      losses[lane] += (double)factor[lane] * (double)loss[lane];
      weights[lane] += (double)factor[lane];
      counts[lane] -= mask[lane];
    }
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
  v16 z[PIXEL_CLASSES];
  float scratch[16 * PIXEL_CLASSES];
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16 largest = SK_NAME(largest)(z, classes), sum = SK_NAME(splat16)(0);
    for (size_t c = 0; c < classes; c++) {
      z[c] = SK_NAME(exp16)(z[c] - largest);
      sum += z[c];
    }
    size_t label[16];
    float factor[16];
    int32_t mask[16];
    for (size_t lane = 0; lane < 16; lane++) {
      label[lane] = lane < count ? args->labels[pixel + lane] : PIXEL_NO_LABEL;
      mask[lane] = args->rule.mask[label[lane]];
      factor[lane] = args->factor[label[lane]];
    }
    v16 scale = SK_NAME(load16)(factor) / sum;
    v16i valid = *(const v16i *)(const void *)mask;
    for (size_t c = 0; c < classes; c++) z[c] = (v16)((v16i)(z[c] * scale) & valid);
    for (size_t lane = 0; lane < 16; lane++)
      z[args->rule.class_[label[lane]]][lane] -= factor[lane];
    SK_NAME(store_pixels)(
        args->dz + pixel * classes, z, classes, count, args->accumulate, scratch);
  }
}

#endif
