#ifndef CONV2D_ROWS_H
#define CONV2D_ROWS_H
// Loops over whole rows (pixels) of channels, by vector variant: what the gathered convolutions do around their
// matrix products.
#include "sk_conv2d.h"

struct conv2d_rows {
  // Finishes `pixels` rows of sums at `values`, `pitch` floats apart (may be where they are going), for channels
  // [first, first + count) of `channels`, into y from pixel `pixel` on. `totals` are the task's sums or NULL.
  void (*finish)(
      const sk_conv2d_output *, const float *values, size_t pitch, size_t pixel, size_t pixels, size_t first,
      size_t count, size_t channels, double *totals);
  // to = activation of `channels` floats, the first of them channel `first`.
  void (*activate)(const sk_activation *, float *to, const float *from, size_t first, size_t channels);
  // Rows of a (rows x columns) matrix to panels of `panel` columns, each `rows` long; zeros beyond the last column.
  void (*to_panels)(float *panels, size_t panel, const float *from, size_t pitch, size_t rows, size_t columns);
};

const struct conv2d_rows *sk_conv2d_rows(int32_t isa);

#endif
