#ifndef CONV2D_WINOGRAD_SIZES_H
#define CONV2D_WINOGRAD_SIZES_H
// How the forward pass cuts its work, and what memory each piece takes.
#include "winograd.h"
#include "winograd_blocks.h"

enum {
  SHARED_BYTES = 64 << 20,
  SHARED_SLICE = 256  // outputs computed together by all threads
};

static inline int32_t stays_private(size_t c, size_t k) { return c <= PRIVATE_CHANNELS && k <= PRIVATE_CHANNELS; }

static inline size_t weight_pitch(size_t c, size_t k) { return product_pitch(round_up(k, WIDEST_PANEL) * c); }

static inline size_t table_floats(const sk_conv2d *conv) { return round_up(sk_tiling_integers(conv), LINE); }

static inline size_t range_tiles(const struct tile_class *class, size_t c, size_t k) {
  return shared_tiles(class->tiles, class->products, c, k, SHARED_BYTES);
}

static inline size_t input_floats(const struct tile_class *class, size_t c, size_t k) {
  return class->products * product_pitch(range_tiles(class, c, k) * (smaller(c, CHANNEL_BLOCK) + PAD));
}

// Products kept: one slice, or all where channels come in several blocks whose products are added.
static inline size_t kept_outputs(size_t c, size_t k) {
  return c > CHANNEL_BLOCK ? k : smaller(SHARED_SLICE, k);
}

// Weights that one task transforms for itself: of one row of products.
static inline size_t task_weight_floats(size_t c) {
  return MOST_PRODUCTS * weight_pitch(smaller(c, CHANNEL_BLOCK), OUTPUT_SLICE);
}

static inline size_t private_v_floats(size_t products, size_t c) {
  return products * product_pitch(BLOCK_TILES * (c + PAD));
}

static inline size_t private_floats(size_t products, size_t c) {
  return private_v_floats(products, c) + products * product_pitch(BLOCK_TILES * (OUTPUT_SLICE + PAD));
}

static inline size_t shared_floats(const struct tile_class *class, size_t c, size_t k) {
  size_t tiles = range_tiles(class, c, k);
  return input_floats(class, c, k) + class->products * product_pitch(tiles * (kept_outputs(c, k) + PAD));
}

#endif
