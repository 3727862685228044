#ifndef SK_VARIANT
#include "winograd_weights.h"

#define SK_SOURCE "winograd_weights.c"
#include "variants.h"

const struct winograd_weights *sk_winograd_weights_of(int32_t isa) {
#if defined(__x86_64__)
  if (isa == SK_AVX512) return &weights_avx512;
  if (isa == SK_AVX2) return &weights_avx2;
#endif
  return &weights_generic;
}

#else
// Loops are unrolled where kinds are constants; where they are not, they cannot be, and need not.
#pragma clang diagnostic ignored "-Wpass-failed"
#include "native.h"
#include "winograd_1d.h"

SK_INLINE void SK_NAME(panel_weights)(
    const int32_t row_kind, const int32_t column_kind, size_t row, const float *w, size_t c, size_t k, size_t first,
    size_t panel, size_t begin, size_t channels, float *u, size_t product_pitch) {
  const int32_t columns = sk_segment_products[column_kind];
  for (size_t channel = begin; channel < begin + channels; channel++, u += panel)
    for (size_t part = 0; part < panel; part += VL) {
      size_t output = first + part;
      if (output >= k) {
        for (int32_t j = 0; j < columns; j++) store(u + (size_t)j * product_pitch + part, splat(0));
        continue;
      }
      vec half[3], full[MOST_PRODUCTS];
#pragma clang loop unroll(full)
      for (int32_t s = 0; s < 3; s++) {
        vec g[3], all[MOST_PRODUCTS];
#pragma clang loop unroll(full)
        for (int32_t r = 0; r < 3; r++) g[r] = load(w + ((size_t)(r * 3 + s) * c + channel) * k + output);
        SK_NAME(weights_1d)(row_kind, g, 1, all, 1);
        half[s] = all[row];
      }
      SK_NAME(weights_1d)(column_kind, half, 1, full, 1);
#pragma clang loop unroll(full)
      for (int32_t j = 0; j < columns; j++) store(u + (size_t)j * product_pitch + part, full[j]);
    }
}

static void SK_NAME(transformed)(
    const struct tile_class *class, size_t row, const float *w, size_t c, size_t k, size_t first, size_t panel,
    size_t channel, size_t channels, float *u, size_t product_pitch) {
  // The row is a constant as well: only one of its kind's products is computed.
#undef ROW
#define ROW(row)                                                                                                 \
  case row:                                                                                                      \
    SPECIALISED(SK_NAME(panel_weights)(row_kind, column_kind, row, w, c, k, first, panel, channel, channels, u, \
                                       product_pitch), class)                                                    \
    break;
  switch (row) { ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) }
}

SK_INLINE void SK_NAME(block_weights_transposed)(
    const int32_t row_kind, const int32_t column_kind, struct products u, size_t block_rows, size_t block_columns,
    float *dw, size_t c, size_t k, int32_t accumulate) {
  const int32_t rows = sk_segment_products[row_kind], columns = sk_segment_products[column_kind];
  for (size_t row = 0; row < block_rows; row++)
    for (size_t part = 0; part < block_columns; part += VL) {
      const float *from = u.values + row * u.tile_pitch + part;
      vec half[3][MOST_PRODUCTS], g[3];
#pragma clang loop unroll(full)
      for (int32_t j = 0; j < columns; j++) {
        vec column[MOST_PRODUCTS];
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < rows; i++) column[i] = load(from + (size_t)(i * columns + j) * u.product_pitch);
        SK_NAME(weights_transposed_1d)(row_kind, column, 1, &half[0][j], MOST_PRODUCTS);
      }
#pragma clang loop unroll(full)
      for (int32_t r = 0; r < 3; r++) {
        SK_NAME(weights_transposed_1d)(column_kind, half[r], 1, g, 1);
#pragma clang loop unroll(full)
        for (int32_t s = 0; s < 3; s++) {
          float *to = dw + ((size_t)(r * 3 + s) * c + row) * k + part;
          store(to, accumulate ? load(to) + g[s] : g[s]);
        }
      }
    }
}

static void SK_NAME(transposed)(
    const struct tile_class *class, struct products u, size_t rows, size_t columns, float *dw, size_t c, size_t k,
    int32_t accumulate) {
  SPECIALISED(SK_NAME(block_weights_transposed)(row_kind, column_kind, u, rows, columns, dw, c, k, accumulate), class)
}

static const struct winograd_weights SK_NAME(weights) = {SK_NAME(transformed), SK_NAME(transposed)};
#endif
