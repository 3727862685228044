#ifndef SK_VARIANT
#include "sk_region_sums.h"

#include "pixel_chunks.h"
#include "pixel_softmax.h"

#include <string.h>

enum {
  SUMS = 4,        // of a class
  BLOCK_RUN = 16   // blocks of pixels summed in single precision
};

struct region_args {
  float *dz;
  const float *logits;
  const uint8_t *labels;
  const double *slopes;
  double *partial;  // of each chunk: (classes, SUMS)
  struct sk_regions regions;
  int32_t accumulate;
};

#define SK_SOURCE "region_sums.c"
#include "variants.h"

size_t sk_region_sums_bytes(struct sk_regions regions) {
  return regions.regions * pixel_chunks(regions.pixels) * regions.classes * SUMS * sizeof(double);
}

void sk_region_sums(
    sk_pool *pool, double *sums, const float *logits, const uint8_t *labels,
    struct sk_regions regions, double *partial) {
  struct region_args args = {
      .logits = logits, .labels = labels, .partial = partial, .regions = regions};
  size_t chunks = pixel_chunks(regions.pixels), numbers = regions.classes * SUMS;
  sk_parallel_for(pool, regions.regions * chunks, SK_PICK(pool, sum_chunk), &args);
  for (size_t region = 0; region < regions.regions; region++, sums += numbers) {
    for (size_t i = 0; i < numbers; i++) sums[i] = 0;
    for (size_t chunk = 0; chunk < chunks; chunk++, partial += numbers)
      for (size_t i = 0; i < numbers; i++) sums[i] += partial[i];
  }
}

void sk_region_sums_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const double *slopes,
    struct sk_regions regions, int32_t accumulate) {
  struct region_args args = {
      .dz = dz, .logits = logits, .labels = labels, .slopes = slopes, .regions = regions,
      .accumulate = accumulate};
  sk_parallel_for(
      pool, regions.regions * pixel_chunks(regions.pixels), SK_PICK(pool, gradient_chunk), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "pixel_softmax.h"

typedef double SK_NAME(v16d) __attribute__((vector_size(128), aligned(64)));

// Adds what was summed in single precision to `total`, and begins anew.
SK_INLINE void SK_NAME(flush)(SK_NAME(v16d) * total, v16 *sum, size_t count) {
  for (size_t i = 0; i < count; i++) {
    total[i] += __builtin_convertvector(sum[i], SK_NAME(v16d));
    sum[i] = (v16){0};
  }
}

static void SK_NAME(sum_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct region_args *args = context;
  struct pixel_span span = pixel_span(&args->regions, chunk);
  size_t classes = args->regions.classes;
  _Alignas(64) v16 p[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  _Alignas(64) v16 sum[3 * PIXEL_CLASSES];  // overlaps, then probabilities, then squares
  _Alignas(64) SK_NAME(v16d) total[3 * PIXEL_CLASSES];
  _Alignas(64) v16i truth[PIXEL_CLASSES];
  memset(sum, 0, 3 * classes * sizeof *sum);
  memset(total, 0, 3 * classes * sizeof *total);
  memset(truth, 0, classes * sizeof *truth);
  size_t blocks = 0;
  for (size_t pixel = span.begin; pixel < span.end; pixel += 16) {
    size_t count = span.end - pixel < 16 ? span.end - pixel : 16;
    SK_NAME(load_pixels)(
        p, args->logits + pixel * classes, classes, count, (span.end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->regions.ignore);
    v16 share = 1 / SK_NAME(exponentials16)(p, classes);
    v16i counts = args->regions.sums_ignored ? SK_NAME(lanes_below)(count) : label >= 0;
    const v16 zero = {0};
    for (size_t c = 0; c < classes; c++) {
      v16i here = label == (int32_t)c;
      // Selected, not multiplied: an ignored pixel may hold anything.
      v16 probability = SK_NAME(select16)(counts, p[c] * share, zero);
      sum[c] += SK_NAME(select16)(here, probability, zero);
      sum[classes + c] += probability;
      sum[2 * classes + c] += probability * probability;
      truth[c] -= here;
    }
    if (++blocks % BLOCK_RUN == 0) SK_NAME(flush)(total, sum, 3 * classes);
  }
  SK_NAME(flush)(total, sum, 3 * classes);
  double *result = args->partial + chunk * classes * SUMS;
  for (size_t c = 0; c < classes; c++, result += SUMS) {
    for (size_t i = 0; i < SUMS; i++) result[i] = 0;
    for (size_t lane = 0; lane < 16; lane++) {
      for (size_t i = 0; i < 3; i++) result[i] += total[i * classes + c][lane];
      result[3] += truth[c][lane];
    }
  }
}

static void SK_NAME(gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct region_args *args = context;
  struct pixel_span span = pixel_span(&args->regions, chunk);
  size_t classes = args->regions.classes;
  const double *slopes = args->slopes + span.region * classes * SUMS;
  _Alignas(64) v16 p[PIXEL_CLASSES], slope[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  float by_overlap[PIXEL_CLASSES], by_sum[PIXEL_CLASSES], by_square[PIXEL_CLASSES];
  for (size_t c = 0; c < classes; c++) {
    by_overlap[c] = (float)slopes[SUMS * c];
    by_sum[c] = (float)slopes[SUMS * c + 1];
    by_square[c] = (float)(2 * slopes[SUMS * c + 2]);
  }
  for (size_t pixel = span.begin; pixel < span.end; pixel += 16) {
    size_t count = span.end - pixel < 16 ? span.end - pixel : 16;
    SK_NAME(load_pixels)(
        p, args->logits + pixel * classes, classes, count, (span.end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->regions.ignore);
    v16 share = 1 / SK_NAME(exponentials16)(p, classes);
    const v16 zero = {0};
    v16 mean = zero;
    for (size_t c = 0; c < classes; c++) {
      p[c] *= share;
      v16 overlap = SK_NAME(select16)(
          label == (int32_t)c, SK_NAME(splat16)(by_overlap[c]), zero);
      slope[c] = (by_square[c] * p[c] + by_sum[c]) + overlap;
      mean += p[c] * slope[c];
    }
    v16i counts = args->regions.sums_ignored ? SK_NAME(lanes_below)(count) : label >= 0;
    for (size_t c = 0; c < classes; c++)
      p[c] = SK_NAME(select16)(counts, p[c] * (slope[c] - mean), zero);
    SK_NAME(store_pixels)(
        args->dz + pixel * classes, p, classes, count, args->accumulate, scratch);
  }
}

#endif
