#ifndef WINOGRAD_WEIGHTS_H
#define WINOGRAD_WEIGHTS_H
// The two-dimensional transforms of weights and of their gradients, by vector variant.
#include "winograd_transforms.h"

struct winograd_weights {
  // u = transformed weights of one panel of outputs and some channels, for products (i, j) of row i. w is (3, 3, c, k); u
  // is (j, channel, panel width) with `product_pitch` floats between products.
  void (*transformed)(
      const struct tile_class *, size_t row, const float *w, size_t c, size_t k, size_t output, size_t panel,
      size_t channel, size_t channels, float *u, size_t product_pitch);
  // dw (+)= three by three taps of `rows` x `columns` sums of products; dw is (3, 3, c, k), at its first element.
  void (*transposed)(
      const struct tile_class *, struct products u, size_t rows, size_t columns, float *dw, size_t c, size_t k,
      int32_t accumulate);
};

const struct winograd_weights *sk_winograd_weights_of(int32_t isa);

#endif
