#ifndef SK_VARIANT
#include "sk_recall_weights.h"

#include "pixel_chunks.h"

#include <string.h>

struct recall_args {
  const float *logits;
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t ignore;
  uint32_t *counts;  // of each chunk: by class, all pixels and those missed
};

#define SK_SOURCE "recall_weights.c"
#include "variants.h"

size_t sk_recall_weights_bytes(size_t pixels, size_t classes) {
  return pixel_chunks(pixels) * classes * 2 * sizeof(uint32_t);
}

void sk_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, int32_t floor, uint32_t *counts) {
  struct recall_args args = {
      .logits = logits, .labels = labels, .pixels = pixels, .classes = classes, .counts = counts,
      .ignore = ignore};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, count_chunk), &args);
  for (size_t c = 0; c < classes; c++) {
    uint64_t total = 0, missed = 0;
    for (size_t chunk = 0; chunk < pixel_chunks(pixels); chunk++) {
      total += counts[(chunk * classes + c) * 2];
      missed += counts[(chunk * classes + c) * 2 + 1];
    }
    if (floor && missed == 0) missed = 1;
    if (floor && total == 0) total = 1;
    weights[c] = total ? (float)((double)missed / (double)total) : 0;
  }
}

#else
#include "vecmath.h"

#include "pixel_block.h"

static void SK_NAME(count_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct recall_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  // Counted lane by lane: neighbours share a label, and a table of scalars would wait for itself.
  _Alignas(64) v16i total[PIXEL_CLASSES], missed[PIXEL_CLASSES];
  memset(total, 0, classes * sizeof *total);
  memset(missed, 0, classes * sizeof *missed);
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->logits + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16 largest = z[0];
    v16i prediction = {0};
    for (size_t c = 1; c < classes; c++) {
      v16i larger = (v16i)(z[c] > largest);
      largest = SK_NAME(select16)(larger, z[c], largest);
      prediction = (prediction & ~larger) | ((int32_t)c & larger);
    }
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16i wrong = prediction != label;
    for (size_t c = 0; c < classes; c++) {
      v16i here = label == (int32_t)c;
      total[c] -= here;
      missed[c] -= here & wrong;
    }
  }
  uint32_t *counts = args->counts + chunk * classes * 2;
  for (size_t c = 0; c < classes; c++) {
    counts[2 * c] = counts[2 * c + 1] = 0;
    for (size_t lane = 0; lane < 16; lane++) {
      counts[2 * c] += (uint32_t)total[c][lane];
      counts[2 * c + 1] += (uint32_t)missed[c][lane];
    }
  }
}

#endif
