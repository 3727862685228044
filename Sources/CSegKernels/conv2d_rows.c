#ifndef SK_VARIANT
#include "conv2d_rows.h"

#include <string.h>

#define SK_SOURCE "conv2d_rows.c"
#include "variants.h"

const struct conv2d_rows *sk_conv2d_rows(int32_t isa) {
#if defined(__x86_64__)
  if (isa == SK_AVX512) return &rows_avx512;
  if (isa == SK_AVX2) return &rows_avx2;
#endif
  return &rows_generic;
}

#else
#include "native.h"
#include "conv2d_finish.h"
#include "transpose8.h"

// A row of channels that is no multiple of the vector: the last ones go through a padded copy.
SK_INLINE vec SK_NAME(load_part)(const float *from, size_t count) {
  vec value = splat(0);
  memcpy(&value, from, count * sizeof *from);
  return value;
}

SK_INLINE void SK_NAME(finish_part)(
    const int32_t sums, const sk_conv2d_output *out, const float *values, size_t at, size_t channel, size_t count,
    double *totals, size_t channels) {
  float bias[VL], y[VL], residual[VL], z[VL], activated[VL], mean[VL], scale[VL], shift[VL];
  double part[2 * VL] = {0};
  sk_conv2d_output padded = *out;
  padded.y = y;
#undef PART
#define PART(name, from) if (out->from) { store(name, SK_NAME(load_part)(out->from + channel, count)); padded.from = name; }
#undef PIXEL
#define PIXEL(name, from) if (out->from) { store(name, SK_NAME(load_part)(out->from + at, count)); padded.from = name; }
  PART(bias, bias) PART(mean, activation.mean) PART(scale, activation.scale) PART(shift, activation.shift)
  PIXEL(residual, residual) PIXEL(z, z) PIXEL(activated, activated)
  store(y, SK_NAME(load_part)(out->y + at, count));
  struct SK_NAME(sums) sum = {splat(0), splat(0), splat(0), 0};
  struct SK_NAME(column) column = SK_NAME(column_of)(sums, &padded, 0);
  SK_NAME(finish)(sums, 0, &padded, &column, 0, SK_NAME(load_part)(values, count), &sum);
  memcpy(out->y + at, y, count * sizeof *y);
  if (sums == SK_NO_SUMS) return;
  SK_NAME(add_sums)(sums, &sum, part, VL, 0);
  for (size_t i = 0; i < count; i++) {
    totals[channel + i] += part[i];
    totals[channels + channel + i] += part[VL + i];
  }
}

SK_INLINE void SK_NAME(finish_rows)(
    const int32_t sums, const sk_conv2d_output *out, const float *values, size_t pitch, size_t pixel, size_t pixels,
    size_t first, size_t count, size_t channels, double *totals) {
  enum { GROUP = 16 };
  for (size_t begin = 0; begin < pixels; begin += GROUP) {
    size_t end = begin + GROUP < pixels ? begin + GROUP : pixels, offset = 0;
    for (; offset + VL <= count; offset += VL) {
      struct SK_NAME(sums) sum = {splat(0), splat(0), splat(0), 0};
      struct SK_NAME(column) column = SK_NAME(column_of)(sums, out, first + offset);
      for (size_t i = begin; i < end; i++) {
        size_t at = (pixel + i) * channels + first + offset;
        if (!out->streams) __builtin_prefetch(out->y + at + GROUP * channels, 1);
        SK_NAME(finish)(sums, 0, out, &column, at, load(values + i * pitch + offset), &sum);
      }
      SK_NAME(add_sums)(sums, &sum, totals, channels, first + offset);
    }
    for (size_t i = begin; offset < count && i < end; i++)
      SK_NAME(finish_part)(sums, out, values + i * pitch + offset, (pixel + i) * channels + first + offset,
                           first + offset, count - offset, totals, channels);
  }
}

static void SK_NAME(finish_any)(
    const sk_conv2d_output *out, const float *values, size_t pitch, size_t pixel, size_t pixels, size_t first,
    size_t count, size_t channels, double *totals) {
#undef FINISH
#define FINISH(sums) SK_NAME(finish_rows)(sums, out, values, pitch, pixel, pixels, first, count, channels, totals)
  switch (out->sums) {
    case SK_MOMENTS: FINISH(SK_MOMENTS); break;
    case SK_GRADIENT_SUMS: FINISH(SK_GRADIENT_SUMS); break;
    default: FINISH(SK_NO_SUMS);
  }
}

static void SK_NAME(activate_row)(
    const sk_activation *activation, float *to, const float *from, size_t first, size_t channels) {
  const float *mean = activation->mean + first, *scale = activation->scale + first, *shift = activation->shift + first;
  for (size_t i = 0; i < channels; i++) {
    float value = (from[i] - mean[i]) * scale[i] + shift[i];
    to[i] = value < 0 ? 0 : value;
  }
}

static void SK_NAME(transpose)(
    float *to, size_t to_pitch, const float *from, size_t from_pitch, size_t rows, size_t columns) {
  for (size_t j = 0; j < columns; j += 8)
    for (size_t i = 0; i < rows; i += 8)
      SK_NAME(transpose8)(to + j * to_pitch + i, to_pitch, from + i * from_pitch + j, from_pitch);
}

// Row by row: a row is read as it lies in memory, and each panel is a stream of its own.
static void SK_NAME(to_panels)(
    float *panels, size_t panel, const float *from, size_t pitch, size_t rows, size_t columns) {
  size_t whole = columns / panel * panel;
  for (size_t i = 0; i < rows; i++, from += pitch, panels += panel) {
    float *to = panels;
    for (size_t first = 0; first < whole; first += panel, to += rows * panel)
      for (size_t j = 0; j < panel; j += VL) store(to + j, load(from + first + j));
    for (size_t j = whole; j < columns; j++) to[j - whole] = from[j];
    for (size_t j = columns - whole; whole < columns && j < panel; j++) to[j] = 0;
  }
}

static const struct conv2d_rows SK_NAME(rows) = {
    SK_NAME(finish_any), SK_NAME(activate_row), SK_NAME(transpose), SK_NAME(to_panels)};
#endif
