#ifndef SK_VARIANT
#include "sk_pixel_losses.h"

#include "pixel_chunks.h"

#include <string.h>

struct pixel_losses_args {
  float *out;
  const float *logits, *g;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t accumulate, ignore;
};

#define SK_SOURCE "pixel_losses.c"
#include "variants.h"

void sk_pixel_losses(
    sk_pool *pool, float *losses, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore) {
  struct pixel_losses_args args = {
      .out = losses, .logits = logits, .labels = labels, .pixels = pixels, .classes = classes,
      .ignore = ignore};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, pixel_losses_chunk), &args);
}

void sk_pixel_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *g,
    size_t pixels, size_t classes, int32_t ignore, int32_t accumulate) {
  struct pixel_losses_args args = {
      .out = dz, .logits = logits, .g = g, .labels = labels, .pixels = pixels, .classes = classes,
      .accumulate = accumulate, .ignore = ignore};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, pixel_losses_gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "softmax_block.h"

static void SK_NAME(pixel_losses_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pixel_losses_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 loss = SK_NAME(block_losses)(z, classes, label);
    if (count == 16)
      SK_NAME(store16)(args->out + pixel, loss);
    else
      SK_NAME(store16_part)(args->out + pixel, loss, count);
  }
}

static void SK_NAME(pixel_losses_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pixel_losses_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 g = count == 16 ? SK_NAME(load16)(args->g + pixel)
                        : SK_NAME(load16_part)(args->g + pixel, count, 0);
    SK_NAME(block_gradients)(z, classes, label, g);
    SK_NAME(store_pixels)(
        args->out + pixel * classes, z, classes, count, args->accumulate, scratch);
  }
}

#endif
