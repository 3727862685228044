#ifndef SK_VARIANT
#include "sk_false_positive_losses.h"

#include "pixel_chunks.h"

#include <string.h>

struct false_positive_args {
  float *out;
  uint8_t *predictions;
  const float *logits, *g;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t accumulate, ignore;
};

#define SK_SOURCE "false_positive_losses.c"
#include "variants.h"

void sk_false_positive_losses(
    sk_pool *pool, float *losses, uint8_t *predictions, const float *logits, const uint8_t *labels,
    size_t pixels, size_t classes, int32_t ignore) {
  struct false_positive_args args = {
      .out = losses, .predictions = predictions, .logits = logits, .labels = labels,
      .pixels = pixels, .classes = classes, .ignore = ignore};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, false_positive_chunk), &args);
}

void sk_false_positive_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *predictions, const float *g,
    size_t pixels, size_t classes, int32_t accumulate) {
  struct false_positive_args args = {
      .out = dz, .logits = logits, .g = g, .labels = predictions, .pixels = pixels,
      .classes = classes, .accumulate = accumulate, .ignore = SK_NO_PREDICTION};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, false_positive_gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"

static void SK_NAME(false_positive_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct false_positive_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  const v16 zero = {0};
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 largest;
    v16i prediction = SK_NAME(predicted16)(z, classes, &largest);
    // 1 - p of the prediction as the others' share, which does not cancel.
    v16 others = zero;
    for (size_t c = 0; c < classes; c++) {
      v16 e = SK_NAME(exp16_below)(z[c] - largest);
      others += SK_NAME(select16)(prediction == (int32_t)c, zero, e);
    }
    v16i wrong = (label >= 0) & (prediction != label);
    v16 share = others / (others + 1.0f) + 1e-9f;
    v16 loss = SK_NAME(select16)(wrong, zero - SK_NAME(log16)(share), zero);
    prediction = (prediction & wrong) | (SK_NO_PREDICTION & ~wrong);
    for (size_t lane = 0; lane < count; lane++) {
      args->out[pixel + lane] = loss[lane];
      args->predictions[pixel + lane] = (uint8_t)prediction[lane];
    }
  }
}

static void SK_NAME(false_positive_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct false_positive_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  const v16 zero = {0};
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i wrong = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 largest = SK_NAME(largest16)(z, classes), others = zero;
    for (size_t c = 0; c < classes; c++) {
      z[c] = SK_NAME(exp16_below)(z[c] - largest);
      others += SK_NAME(select16)(wrong == (int32_t)c, zero, z[c]);
    }
    v16 g = count == 16 ? SK_NAME(load16)(args->g + pixel)
                        : SK_NAME(load16_part)(args->g + pixel, count, 0);
    // g · p_k / (1 - p_k + ε) · (onehot(k) - p), with p_k = 1 / (1 + others); 1 - p_k is the others' share.
    v16 sum = others + 1.0f;
    v16 factor = g / sum / (others / sum + 1e-9f);
    for (size_t c = 0; c < classes; c++) {
      v16 towards = SK_NAME(select16)(wrong == (int32_t)c, others, -z[c]);
      z[c] = SK_NAME(select16)(wrong < 0, zero, factor * (towards / sum));
    }
    SK_NAME(store_pixels)(
        args->out + pixel * classes, z, classes, count, args->accumulate, scratch);
  }
}

#endif
