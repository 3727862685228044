#ifndef WINOGRAD_TRANSFORMS_H
#define WINOGRAD_TRANSFORMS_H
// The two-dimensional transforms of whole tiles, by vector variant. Channel counts are multiples of 16.
// Those of weights: winograd_weights.h.
#include "sk_pool.h"
#include "winograd.h"

// A block of products. Channels lie in panels of `panel` (a multiple of a vector, or all of them): element (product,
// tile, channel) is at product * product_pitch + channel / panel * panel_pitch + tile * tile_pitch + channel % panel.
struct products {
  float *values;
  size_t product_pitch, tile_pitch, panel, panel_pitch;
};

// Row after row, all channels of a tile together.
static inline struct products sk_product_rows(float *values, size_t product_pitch, size_t tile_pitch) {
  return (struct products){values, product_pitch, tile_pitch, tile_pitch, 0};
}

// Panels one after the other, each with all `tiles`.
static inline struct products sk_product_panels(float *values, size_t product_pitch, size_t panel, size_t tiles) {
  return (struct products){values, product_pitch, panel, panel, panel * tiles};
}

// Consecutive tiles of a class and consecutive channels of `all` channels.
struct tile_range {
  const struct tile_class *class;
  size_t tile, tiles;
  size_t all, channel, channels;
};

struct winograd_transforms {
  // v = inputs of the tiles, read from x through its fusion.
  void (*inputs)(const struct tile_range *, const sk_conv2d_input *x, struct products v);
  // y = outputs of the tiles; `sums` as sk_conv2d_output says, or NULL.
  void (*outputs)(const struct tile_range *, const sk_conv2d_output *y, struct products m, double *sums);
  // z = spread gradients of the outputs.
  void (*spread)(const struct tile_range *, const float *dy, struct products z);
};

const struct winograd_transforms *sk_winograd_transforms(int32_t isa);

#endif
