#ifndef WINOGRAD_WEIGHTS_H
#define WINOGRAD_WEIGHTS_H
// The two-dimensional transforms of weights and of their gradients, by vector variant.
#include "winograd_transforms.h"

// Weights as they are stored, (3, 3, c, k). The gradient of the input convolves with them turned around: `turned`, they
// are stored as (3, 3, k, c) and tap t is the one at 8 - t.
struct raw_weights {
  const float *values;
  size_t c, k;
  int32_t turned;
};

struct winograd_weights {
  // u = transformed weights of one panel of outputs and some channels (multiples of 16), for products (i, j) of row i. u is
  // (j, channel, panel width) with `product_pitch` floats between products.
  void (*transformed)(
      const struct tile_class *, size_t row, const struct raw_weights *, size_t output, size_t panel, size_t channel,
      size_t channels, float *u, size_t product_pitch);
  // dw (+)= three by three taps of `rows` x `columns` sums of products; dw is (3, 3, c, k), at its first element. `streams`:
  // past the caches (streaming.h).
  void (*transposed)(
      const struct tile_class *, struct products u, size_t rows, size_t columns, float *dw, size_t c, size_t k,
      int32_t accumulate, int32_t streams);
};

const struct winograd_weights *sk_winograd_weights_of(int32_t isa);

#endif
