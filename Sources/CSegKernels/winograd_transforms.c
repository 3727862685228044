#ifndef SK_VARIANT
#include "winograd_transforms.h"

#define SK_SOURCE "winograd_transforms.c"
#include "variants.h"

const struct winograd_transforms *sk_winograd_transforms(int32_t isa) {
#if defined(__x86_64__)
  if (isa == SK_AVX512) return &transforms_avx512;
  if (isa == SK_AVX2) return &transforms_avx2;
#endif
  return &transforms_generic;
}

#else
// Loops are unrolled where kinds are constants.
#pragma clang diagnostic ignored "-Wpass-failed"
#include "native.h"
#include "conv2d_finish.h"
#include "winograd_1d.h"
#include "winograd_kinds.h"

// Where a tile's channel lies in its first product.
SK_INLINE float *SK_NAME(channel)(struct products p, size_t channel) {
  return p.values + channel / p.panel * p.panel_pitch + channel % p.panel;
}

// MARK: Inputs

SK_INLINE vec SK_NAME(activate)(const sk_activation *activation, vec x, size_t channel) {
  vec value = (x - load(activation->mean + channel)) * load(activation->scale + channel) +
              load(activation->shift + channel);
  return SK_NAME(where)(value, ~(value < splat(0)));
}

// One tile. Bit j of `inside[i]`: input (i, j) of the window lies inside the image.
SK_INLINE void SK_NAME(tile_inputs)(
    const int32_t row_kind, const int32_t column_kind, const int32_t interior, const int32_t activated,
    const uint32_t *inside, const float *corner, ptrdiff_t row_pitch, ptrdiff_t column_pitch,
    const sk_activation *activation, const struct tile_range *range, struct products v) {
  const int32_t height = sk_segment_outputs[row_kind] + 2, width = sk_segment_outputs[column_kind] + 2;
  const int32_t rows = sk_segment_products[row_kind], columns = sk_segment_products[column_kind];
  static const float nothing[VL];
  for (size_t c = 0; c < range->channels; c += VL) {
    vec half[MOST_PRODUCTS][MOST_PRODUCTS], full[MOST_PRODUCTS];
    float *to = SK_NAME(channel)(v, c);
#pragma clang loop unroll(full)
    for (int32_t j = 0; j < width; j++) {
      vec x[MOST_PRODUCTS];
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < height; i++) {
        const int32_t is_inside = interior || ((inside[i] >> j) & 1);
        const float *from = corner + i * row_pitch + j * column_pitch + c;
        // The next tile's new columns: pixels far apart are more than the hardware foresees.
        if (j >= 2) __builtin_prefetch(from + sk_segment_outputs[column_kind] * column_pitch);
        x[i] = load(is_inside ? from : nothing);
        if (activated) x[i] = SK_NAME(activate)(activation, x[i], range->channel + c);
        if (activated && !interior) x[i] = SK_NAME(where)(x[i], splat((float)is_inside) > splat(0));
      }
      SK_NAME(inputs_1d)(row_kind, x, 1, &half[0][j], MOST_PRODUCTS);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < rows; i++) {
      SK_NAME(inputs_1d)(column_kind, half[i], 1, full, 1);
#pragma clang loop unroll(full)
      for (int32_t j = 0; j < columns; j++)
        store(to + (size_t)(i * columns + j) * v.product_pitch, full[j]);
    }
  }
}

static void SK_NAME(inputs)(const struct tile_range *range, const sk_conv2d_input *input, struct products v) {
  const struct tile_class *class = range->class;
  const int32_t d = class->dilation;
  const int32_t height = sk_segment_outputs[class->row_kind] + 2, width = sk_segment_outputs[class->column_kind] + 2;
  ptrdiff_t column_pitch = (ptrdiff_t)(d * (ptrdiff_t)range->all), row_pitch = column_pitch * class->width;
  const sk_activation *activation = &input->activation;
  const int32_t is_padded = sk_is_padded(class->row_kind) && sk_is_padded(class->column_kind);
  for (size_t t = 0; t < range->tiles; t++, v.values += v.tile_pitch) {
    struct tile_place place = sk_tile_place(class, range->tile + t);
    int32_t top = place.row - d, left = place.column - d;
    uint32_t inside[MOST_PRODUCTS], across = 0, all = 1;
    for (int32_t j = 0; j < width; j++) across |= (uint32_t)(left + j * d >= 0 && left + j * d < class->width) << j;
    for (int32_t i = 0; i < height; i++) {
      inside[i] = top + i * d >= 0 && top + i * d < class->height ? across : 0;
      all &= inside[i] == (1u << width) - 1;
    }
    const float *corner = input->x + range->channel +
                          (((ptrdiff_t)place.image * class->height + top) * class->width + left) * (ptrdiff_t)range->all;
#undef TILE
#define TILE(by_kinds, interior, activated)                                                                   \
  by_kinds(class, SK_NAME(tile_inputs)(row_kind, column_kind, interior, activated, inside, corner, row_pitch, \
                                       column_pitch, activation, range, v))
    // Small maps and large rates, where segments are short, have few tiles that are all inside.
    if (all && is_padded) {
      if (activation->scale) TILE(BY_PADDED_KINDS, 1, 1) else TILE(BY_PADDED_KINDS, 1, 0)
    } else {
      if (activation->scale) TILE(BY_KINDS, 0, 1) else TILE(BY_KINDS, 0, 0)
    }
  }
}

// MARK: Outputs

SK_INLINE void SK_NAME(tile_outputs)(
    const int32_t row_kind, const int32_t column_kind, const int32_t sums, int32_t height, int32_t width, size_t corner,
    size_t row_pitch, size_t column_pitch, const sk_conv2d_output *out, const struct tile_range *range,
    struct products m, double *totals) {
  const int32_t rows = sk_segment_products[row_kind], columns = sk_segment_products[column_kind];
  const int32_t most_height = sk_segment_outputs[row_kind];
  const size_t next_tile = (size_t)sk_segment_outputs[column_kind] * column_pitch;
  for (size_t k = 0; k < range->channels; k += VL) {
    vec half[MOST_OUTPUTS][MOST_PRODUCTS], y[MOST_OUTPUTS];
#pragma clang loop unroll(full)
    for (int32_t j = 0; j < columns; j++) {
      vec column[MOST_PRODUCTS];
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < rows; i++)
        column[i] = load(m.values + (size_t)(i * columns + j) * m.product_pitch + k);
      SK_NAME(outputs_1d)(row_kind, column, 1, &half[0][j], MOST_PRODUCTS);
    }
    struct SK_NAME(sums) sum = {splat(0), splat(0), splat(0), 0};
    const struct SK_NAME(column) by_channel = SK_NAME(column_of)(sums, out, range->channel + k);
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < most_height; i++) {
      if (i >= height) break;
      SK_NAME(outputs_1d)(column_kind, half[i], 1, y, 1);
      for (int32_t j = 0; j < width; j++) {
        size_t at = corner + (size_t)i * row_pitch + (size_t)j * column_pitch + k;
        if (!out->streams) __builtin_prefetch(out->y + at + next_tile, 1);
        SK_NAME(finish)(sums, 0, out, &by_channel, at, y[j], &sum);
      }
    }
    SK_NAME(add_sums)(sums, &sum, totals, range->all, range->channel + k);
  }
}

SK_INLINE int32_t SK_NAME(fitting)(int32_t outputs, int32_t first, int32_t size, int32_t dilation) {
  int32_t room = (size - first + dilation - 1) / dilation;
  return room < outputs ? room : outputs;
}

SK_INLINE void SK_NAME(all_outputs)(
    const int32_t sums, const struct tile_range *range, const sk_conv2d_output *out, struct products m, double *totals) {
  const struct tile_class *class = range->class;
  const size_t d = (size_t)class->dilation, column_pitch = d * range->all, row_pitch = column_pitch * (size_t)class->width;
  for (size_t t = 0; t < range->tiles; t++, m.values += m.tile_pitch) {
    struct tile_place place = sk_tile_place(class, range->tile + t);
    int32_t height = SK_NAME(fitting)(sk_segment_outputs[class->row_kind], place.row, class->height, class->dilation);
    int32_t width = SK_NAME(fitting)(sk_segment_outputs[class->column_kind], place.column, class->width, class->dilation);
    size_t line = place.image * (size_t)class->height + (size_t)place.row;
    size_t corner = (line * (size_t)class->width + (size_t)place.column) * range->all + range->channel;
    BY_KINDS(class, SK_NAME(tile_outputs)(row_kind, column_kind, sums, height, width, corner, row_pitch, column_pitch, out,
                                          range, m, totals))
  }
}

static void SK_NAME(outputs)(
    const struct tile_range *range, const sk_conv2d_output *out, struct products m, double *totals) {
  switch (out->sums) {
    case SK_MOMENTS: SK_NAME(all_outputs)(SK_MOMENTS, range, out, m, totals); break;
    case SK_GRADIENT_SUMS: SK_NAME(all_outputs)(SK_GRADIENT_SUMS, range, out, m, totals); break;
    default: SK_NAME(all_outputs)(SK_NO_SUMS, range, out, m, totals);
  }
}

// MARK: Gradients of the outputs

SK_INLINE void SK_NAME(tile_spread)(
    const int32_t row_kind, const int32_t column_kind, int32_t height, int32_t width, const float *corner,
    size_t row_pitch, size_t column_pitch, size_t channels, struct products z) {
  const int32_t most_height = sk_segment_outputs[row_kind], most_width = sk_segment_outputs[column_kind];
  const int32_t rows = sk_segment_products[row_kind], columns = sk_segment_products[column_kind];
  for (size_t k = 0; k < channels; k += VL) {
    vec half[MOST_PRODUCTS][MOST_OUTPUTS], full[MOST_PRODUCTS];
    float *to = SK_NAME(channel)(z, k);
#pragma clang loop unroll(full)
    for (int32_t j = 0; j < most_width; j++) {
      vec d[MOST_OUTPUTS];
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < most_height; i++) {
        const float *from = corner + (size_t)i * row_pitch + (size_t)j * column_pitch + k;
        __builtin_prefetch(from + (size_t)most_width * column_pitch);
        d[i] = i < height && j < width ? load(from) : splat(0);
      }
      SK_NAME(spread_1d)(row_kind, d, 1, &half[0][j], MOST_OUTPUTS);
    }
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < rows; i++) {
      SK_NAME(spread_1d)(column_kind, half[i], 1, full, 1);
#pragma clang loop unroll(full)
      for (int32_t j = 0; j < columns; j++)
        store(to + (size_t)(i * columns + j) * z.product_pitch, full[j]);
    }
  }
}

static void SK_NAME(spread)(const struct tile_range *range, const float *dy, struct products z) {
  const struct tile_class *class = range->class;
  const size_t d = (size_t)class->dilation, column_pitch = d * range->all, row_pitch = column_pitch * (size_t)class->width;
  for (size_t t = 0; t < range->tiles; t++, z.values += z.tile_pitch) {
    struct tile_place place = sk_tile_place(class, range->tile + t);
    int32_t height = SK_NAME(fitting)(sk_segment_outputs[class->row_kind], place.row, class->height, class->dilation);
    int32_t width = SK_NAME(fitting)(sk_segment_outputs[class->column_kind], place.column, class->width, class->dilation);
    size_t line = place.image * (size_t)class->height + (size_t)place.row;
    const float *corner = dy + (line * (size_t)class->width + (size_t)place.column) * range->all + range->channel;
    if (height == sk_segment_outputs[class->row_kind] && width == sk_segment_outputs[class->column_kind]) {
      BY_KINDS(class, SK_NAME(tile_spread)(row_kind, column_kind, sk_segment_outputs[row_kind],
                                           sk_segment_outputs[column_kind], corner, row_pitch, column_pitch,
                                           range->channels, z))
    } else {
      SK_NAME(tile_spread)(class->row_kind, class->column_kind, height, width, corner, row_pitch, column_pitch,
                           range->channels, z);
    }
  }
}

static const struct winograd_transforms SK_NAME(transforms) = {SK_NAME(inputs), SK_NAME(outputs), SK_NAME(spread)};
#endif
