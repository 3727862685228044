#ifndef SK_VARIANT
#include "sk_recall_weights.h"

#include "pixel_chunks.h"
#include "recall_counts.h"

#include <string.h>

struct recall_args {
  const float *logits;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t ignore, by_prediction;
  uint32_t *counts;  // of each chunk: by class, all pixels and those missed
};

#define SK_SOURCE "recall_weights.c"
#include "variants.h"

size_t sk_recall_weights_bytes(size_t pixels, size_t classes) {
  return pixel_chunks(pixels) * classes * 2 * sizeof(uint32_t);
}

void sk_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, int32_t floor, int32_t by_prediction, uint32_t *counts) {
  struct recall_args args = {
      .logits = logits, .labels = labels, .pixels = pixels, .classes = classes, .counts = counts,
      .ignore = ignore, .by_prediction = by_prediction};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, count_chunk), &args);
  recall_of_counts(weights, counts, pixel_chunks(pixels), classes, floor);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "recall_counts.h"

static void SK_NAME(count_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct recall_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  _Alignas(64) v16i total[PIXEL_CLASSES], missed[PIXEL_CLASSES];
  memset(total, 0, classes * sizeof *total);
  memset(missed, 0, classes * sizeof *missed);
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    SK_NAME(count_block)(total, missed, z, classes, label, args->by_prediction);
  }
  SK_NAME(sum_counts)(args->counts + chunk * classes * 2, total, missed, classes);
}

#endif
