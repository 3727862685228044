#ifndef SK_VARIANT
#include "sk_class_trace.h"

#include "pixel_chunks.h"

#include <string.h>

struct trace_args {
  const float *values;  // logits or gradient
  const uint8_t *labels;
  size_t pixels, classes;
  int32_t ignore;
  float gamma;
  double *partial;  // of each chunk: what the kernel returns
};

#define SK_SOURCE "class_trace.c"
#include "variants.h"

size_t sk_class_trace_bytes(size_t pixels, size_t rows, size_t columns) {
  return pixel_chunks(pixels) * rows * columns * sizeof(double);
}

static void add_chunks(double *sums, const double *partial, size_t chunks, size_t count) {
  memset(sums, 0, count * sizeof *sums);
  for (size_t chunk = 0; chunk < chunks; chunk++)
    for (size_t i = 0; i < count; i++) sums[i] += partial[chunk * count + i];
}

void sk_class_trace(
    sk_pool *pool, double *sums, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, float gamma, double *partial) {
  struct trace_args args = {
      .values = logits, .labels = labels, .pixels = pixels, .classes = classes, .ignore = ignore,
      .gamma = gamma, .partial = partial};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, trace_chunk), &args);
  add_chunks(sums, partial, pixel_chunks(pixels), 4 * classes);
}

void sk_class_gradient_mass(
    sk_pool *pool, double *sums, const float *gradient, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, double *partial) {
  struct trace_args args = {
      .values = gradient, .labels = labels, .pixels = pixels, .classes = classes,
      .ignore = ignore, .partial = partial};
  sk_parallel_for(pool, pixel_chunks(pixels), SK_PICK(pool, mass_chunk), &args);
  add_chunks(sums, partial, pixel_chunks(pixels), classes + 1);
}

#else
#include "vecmath.h"

#include "pixel_block.h"

static void SK_NAME(trace_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct trace_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  _Alignas(64) v16 z[PIXEL_CLASSES];
  _Alignas(64) float scratch[16 * PIXEL_CLASSES];
  double *sums = args->partial + chunk * classes * 4;
  memset(sums, 0, classes * 4 * sizeof *sums);
  for (size_t pixel = begin; pixel < end; pixel += 16) {
    size_t count = end - pixel < 16 ? end - pixel : 16;
    SK_NAME(load_pixels)(
        z, args->values + pixel * classes, classes, count, (end - pixel) * classes, scratch);
    v16i label = SK_NAME(load_labels)(args->labels + pixel, classes, count, args->ignore);
    v16 largest;
    v16i prediction = SK_NAME(predicted16)(z, classes, &largest);
    // Of the other classes apart: 1 - p of a pixel that is nearly right would lose its digits.
    const v16 zero = {0};
    v16 own = zero, others = zero;
    for (size_t c = 0; c < classes; c++) {
      v16 e = SK_NAME(exp16_below)(z[c] - largest);
      v16i is_target = label == (int32_t)c;
      own = SK_NAME(select16)(is_target, e, own);
      others += SK_NAME(select16)(is_target, zero, e);
    }
    v16 p = own / (own + others), rest = others / (own + others);
    v16 power = SK_NAME(exp16_below)(args->gamma * SK_NAME(log16)(rest));
    // 0^gamma; 0^0 is 1 as in pow.
    v16 floor = SK_NAME(splat16)(args->gamma == 0 ? 1 : 0);
    power = SK_NAME(select16)((v16i)(rest > zero), power, floor);
    v16i right = prediction == label;
    for (size_t lane = 0; lane < count; lane++) {
      if (label[lane] < 0) continue;
      double *row = sums + 4 * label[lane];
      row[0] += 1;
      row[1] -= right[lane];
      row[2] += p[lane];
      row[3] += power[lane];
    }
  }
}

static void SK_NAME(mass_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct trace_args *args = context;
  size_t classes = args->classes, begin = chunk * PIXEL_CHUNK, end = begin + PIXEL_CHUNK;
  if (end > args->pixels) end = args->pixels;
  double *sums = args->partial + chunk * (classes + 1);
  memset(sums, 0, (classes + 1) * sizeof *sums);
  for (size_t pixel = begin; pixel < end; pixel++) {
    const float *gradient = args->values + pixel * classes;
    uint8_t label = args->labels[pixel];
    double mass = 0;
    for (size_t c = 0; c < classes; c++) mass += __builtin_fabsf(gradient[c]);
    sums[label < classes && label != args->ignore ? label : classes] += mass;
  }
}

#endif
