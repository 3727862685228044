#include <string.h>

#include "winograd.h"

size_t sk_tiling_integers(const sk_conv2d *conv) { return (size_t)conv->h + (size_t)conv->w; }

// Products of an axis whose sub-grids are padded to multiples of `kind`.
static int32_t padded_products(int32_t size, int32_t dilation, int32_t kind) {
  int32_t outputs = sk_segment_outputs[kind], segments = 0;
  for (int32_t phase = 0; phase < dilation && phase < size; phase++)
    segments += ((size - phase + dilation - 1) / dilation + outputs - 1) / outputs;
  return segments * sk_segment_products[kind];
}

// Fives where they save a sixteenth of the products: 15 pixels take three fives, but four fours.
static int32_t padded_kind(int32_t size, int32_t dilation) {
  return 16 * padded_products(size, dilation, FIVE) <= 15 * padded_products(size, dilation, FOUR) ? FIVE : FOUR;
}

// The kind of the next segment of a sub-grid of `length` pixels that is cut to its length.
static int32_t next_kind(int32_t length, int32_t done) {
  int32_t left = length - done;
  if (length == 1) return SINGLE;
  if (length == 2) return PAIR;
  // Fours as far as they go; what is left of 2 or 3 is best served by threes, of 1 by the short form.
  switch (left % 4) {
    case 1: return left == 1 ? LAST : FOUR;
    case 2: return left == 6 ? THREE : FOUR;
    case 3: return left == 3 ? THREE : FOUR;
    default: return FOUR;
  }
}

static struct axis cut(int32_t size, int32_t dilation, int32_t exact, int32_t *memory) {
  struct axis axis = {.size = size, .dilation = dilation};
  const int32_t padded = padded_kind(size, dilation);
  for (int32_t fill = 0; fill <= (memory != NULL); fill++) {
    int32_t *next[KINDS] = {0};
    if (fill)
      for (int32_t kind = 0; kind < KINDS; kind++) {
        axis.starts[kind] = next[kind] = memory;
        memory += axis.counts[kind];
      }
    memset(axis.counts, 0, sizeof axis.counts);
    for (int32_t phase = 0; phase < dilation && phase < size; phase++) {
      int32_t length = (size - phase + dilation - 1) / dilation;
      for (int32_t done = 0; done < length;) {
        int32_t kind = exact ? next_kind(length, done) : padded;
        if (fill) *next[kind]++ = phase + dilation * done;
        axis.counts[kind]++;
        done += sk_segment_outputs[kind];
      }
    }
  }
  return axis;
}

struct tiling sk_tile(const sk_conv2d *conv, int32_t exact, int32_t *memory) {
  struct tiling tiling = {
      .rows = cut(conv->h, conv->dilation, exact, memory),
      .columns = cut(conv->w, conv->dilation, exact, memory ? memory + conv->h : NULL)};
  for (int32_t i = 0; i < KINDS; i++)
    for (int32_t j = 0; j < KINDS; j++) {
      if (!tiling.rows.counts[i] || !tiling.columns.counts[j]) continue;
      struct tile_class class = {
          .row_kind = i, .column_kind = j, .rows = tiling.rows.starts[i], .columns = tiling.columns.starts[j],
          .row_count = tiling.rows.counts[i], .column_count = tiling.columns.counts[j],
          .height = conv->h, .width = conv->w, .dilation = conv->dilation,
          .tiles = (size_t)conv->n * (size_t)tiling.rows.counts[i] * (size_t)tiling.columns.counts[j],
          .products = (size_t)(sk_segment_products[i] * sk_segment_products[j])};
      if (class.products > tiling.most_products) tiling.most_products = class.products;
      tiling.classes[tiling.class_count++] = class;
    }
  return tiling;
}
