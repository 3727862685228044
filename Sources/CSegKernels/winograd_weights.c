#ifndef SK_VARIANT
#include "winograd_weights.h"

#include <string.h>

#include "winograd_blocks.h"

// Of turned weights, transformed together: long enough pieces of memory, and few enough for the first-level cache.
enum { CHANNELS = 32 };

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
// Loops are unrolled where kinds are constants.
#pragma clang diagnostic ignored "-Wpass-failed"
#include "native.h"
#include "transpose8.h"
#include "winograd_1d.h"
#include "winograd_kinds.h"

// MARK: Weights

// What each tap of a column adds to one product of it, and which taps do (bit r: tap r).
struct SK_NAME(row) {
  float taps[3];
  uint32_t used;
};

static struct SK_NAME(row) SK_NAME(row_of)(int32_t kind, size_t row) {
  struct SK_NAME(row) result = {.used = 0};
  for (uint32_t tap = 0; tap < 3; tap++) {
    vec one[3] = {splat(tap == 0), splat(tap == 1), splat(tap == 2)}, all[MOST_PRODUCTS];
    SK_NAME(weights_1d)(kind, one, 1, all, 1);
    result.taps[tap] = all[row][0];
    result.used |= (uint32_t)(result.taps[tap] != 0) << tap;
  }
  return result;
}

// One tap or all of them.
#undef BY_TAPS
#define BY_TAPS(used, call)                                                                      \
  switch (used) {                                                                                \
    case 1: { const uint32_t constant_taps = 1; call; } break;                                   \
    case 2: { const uint32_t constant_taps = 2; call; } break;                                   \
    case 4: { const uint32_t constant_taps = 4; call; } break;                                   \
    default: { const uint32_t constant_taps = 7; call; }                                         \
  }

// Its product of the column at `from`, whose taps are `pitch` floats apart.
SK_INLINE vec SK_NAME(column_product)(
    const uint32_t used, const struct SK_NAME(row) *row, const float *from, ptrdiff_t pitch) {
  vec sum = splat(0);
#pragma clang loop unroll(full)
  for (int32_t r = 0; r < 3; r++)
    if (used >> r & 1) sum = fused(splat(row->taps[r]), load(from + r * pitch), sum);
  return sum;
}

// The rows' transform: of what columns have become to all products of their row.
SK_INLINE void SK_NAME(row_products)(const int32_t kind, const vec *half, float *u, size_t product_pitch) {
  vec full[MOST_PRODUCTS];
  SK_NAME(weights_1d)(kind, half, 1, full, 1);
#pragma clang loop unroll(full)
  for (int32_t j = 0; j < sk_segment_products[kind]; j++) store(u + (size_t)j * product_pitch, full[j]);
}

SK_INLINE void SK_NAME(straight_weights)(
    const int32_t kind, const uint32_t used, const struct SK_NAME(row) *row, const struct raw_weights *w, size_t output,
    size_t panel, size_t channel, size_t channels, float *u, size_t product_pitch) {
  const ptrdiff_t tap = (ptrdiff_t)(w->c * w->k);
  const size_t outputs = smaller(panel, w->k - output);
  for (size_t i = 0; i < channels; i++, u += panel) {
    const float *from = w->values + (channel + i) * w->k + output;
    for (size_t part = 0; part < outputs; part += VL) {
      vec half[3];
#pragma clang loop unroll(full)
      for (int32_t s = 0; s < 3; s++) half[s] = SK_NAME(column_product)(used, row, from + part + s * tap, 3 * tap);
      SK_NAME(row_products)(kind, half, u + part, product_pitch);
    }
    for (size_t part = outputs; part < panel; part += VL)
      for (int32_t j = 0; j < sk_segment_products[kind]; j++) store(u + (size_t)j * product_pitch + part, splat(0));
  }
}

// Products of columns, turned around, before the rows' transform. All outputs of a channel lie together, where the
// stored weights have all its channels of an output.
typedef float SK_NAME(halves)[3][CHANNELS][WIDEST_PANEL];

SK_INLINE void SK_NAME(turned_halves)(
    const uint32_t used, const struct SK_NAME(row) *row, const struct raw_weights *w, size_t output, size_t outputs,
    size_t channel, size_t channels, SK_NAME(halves) halves) {
  const ptrdiff_t tap = (ptrdiff_t)(w->c * w->k);
  for (ptrdiff_t s = 0; s < 3; s++) {
    float across[WIDEST_PANEL][CHANNELS];
    for (size_t i = 0; i < outputs; i++) {
      const float *from = w->values + (8 - s) * tap + (ptrdiff_t)((output + i) * w->c + channel);
      for (size_t part = 0; part < channels; part += VL)
        store(across[i] + part, SK_NAME(column_product)(used, row, from + part, -3 * tap));
    }
    for (size_t i = 0; i < outputs; i += 8)
      for (size_t j = 0; j < channels; j += 8)
        SK_NAME(transpose8)(halves[s][j] + i, WIDEST_PANEL, across[i] + j, CHANNELS);
  }
}

SK_INLINE void SK_NAME(turned_weights)(
    const int32_t kind, SK_NAME(halves) halves, size_t channels, size_t panel, float *u, size_t product_pitch) {
  for (size_t i = 0; i < channels; i++, u += panel)
    for (size_t part = 0; part < panel; part += VL) {
      vec half[3];
#pragma clang loop unroll(full)
      for (int32_t s = 0; s < 3; s++) half[s] = load(halves[s][i] + part);
      SK_NAME(row_products)(kind, half, u + part, product_pitch);
    }
}

static void SK_NAME(transformed)(
    const struct tile_class *class, size_t row, const struct raw_weights *w, size_t output, size_t panel, size_t channel,
    size_t channels, float *u, size_t product_pitch) {
  const struct SK_NAME(row) taps = SK_NAME(row_of)(class->row_kind, row);
  if (!w->turned) {
    BY_TAPS(taps.used, BY_KIND(column_kind, class->column_kind, SK_NAME(straight_weights)(
        column_kind, constant_taps, &taps, w, output, panel, channel, channels, u, product_pitch)))
    return;
  }
  const size_t outputs = smaller(panel, w->k - output);
  SK_NAME(halves) halves;
  if (outputs < panel) memset(halves, 0, sizeof halves);
  for (size_t done = 0; done < channels; done += CHANNELS, u += CHANNELS * panel) {
    const size_t some = smaller(CHANNELS, channels - done);
    BY_TAPS(taps.used, SK_NAME(turned_halves)(constant_taps, &taps, w, output, outputs, channel + done, some, halves))
    BY_KIND(column_kind, class->column_kind, SK_NAME(turned_weights)(column_kind, halves, some, panel, u, product_pitch))
  }
}

// MARK: Gradients

SK_INLINE void SK_NAME(gradients)(
    const int32_t row_kind, const int32_t column_kind, struct products u, size_t rows, size_t columns, float *dw, size_t c,
    size_t k, int32_t accumulate, int32_t streams) {
  const int32_t down = sk_segment_products[row_kind], across = sk_segment_products[column_kind];
  for (size_t row = 0; row < rows; row++)
    for (size_t part = 0; part < columns; part += VL) {
      const float *from = u.values + row * u.tile_pitch + part;
      vec half[3][MOST_PRODUCTS], g[3];
#pragma clang loop unroll(full)
      for (int32_t j = 0; j < across; j++) {
        vec column[MOST_PRODUCTS];
#pragma clang loop unroll(full)
        for (int32_t i = 0; i < down; i++) column[i] = load(from + (size_t)(i * across + j) * u.product_pitch);
        SK_NAME(weights_transposed_1d)(row_kind, column, 1, &half[0][j], MOST_PRODUCTS);
      }
#pragma clang loop unroll(full)
      for (int32_t r = 0; r < 3; r++) {
        SK_NAME(weights_transposed_1d)(column_kind, half[r], 1, g, 1);
#pragma clang loop unroll(full)
        for (int32_t s = 0; s < 3; s++) {
          float *to = dw + ((size_t)(r * 3 + s) * c + row) * k + part;
          if (streams)
            stream(to, g[s]);
          else
            store(to, accumulate ? load(to) + g[s] : g[s]);
        }
      }
    }
}

static void SK_NAME(transposed)(
    const struct tile_class *class, struct products u, size_t rows, size_t columns, float *dw, size_t c, size_t k,
    int32_t accumulate, int32_t streams) {
  BY_KIND(row_kind, class->row_kind,
          BY_KIND(column_kind, class->column_kind,
                  SK_NAME(gradients)(row_kind, column_kind, u, rows, columns, dw, c, k, accumulate, streams)))
}

static const struct winograd_weights SK_NAME(weights) = {SK_NAME(transformed), SK_NAME(transposed)};
#endif
