#ifndef MATRIX_H
#define MATRIX_H
// Small matrix products inside one task: the arithmetic of the fast convolutions.
//
// OpenBLAS packs its operands on every call and cannot fuse anything into that. Here the caller owns the packing: B
// lies in panels of `panel` columns, each panel row after row. On blocks that fit the second-level cache these
// loops reach 95 % of the processor's multiply-add peak (docs/performance.md), on every processor of one variant
// with the same bits.
#include <stddef.h>

#include "sk_conv2d.h"
#include "sk_pool.h"

// Memory that will be read soon: rows of `width` floats, `pitch` floats apart.
typedef struct {
  const float *row;
  size_t rows, pitch, width, column;
} sk_area;

// `product_at` fetches `lines_a_block` cache lines of the areas before each of its blocks, so that they come while it
// multiplies.
typedef struct {
  sk_area areas[2];
  size_t lines_a_block;
} sk_fetch;

// Where finished rows go: C's first element becomes element `at` of out->y, whose rows are `channels` floats apart; the
// first column is channel `channel`. `totals` are the task's sums (2, channels), or NULL.
typedef struct {
  const sk_conv2d_output *out;
  size_t at, channels, channel;
  double *totals;
} sk_ending;

// C (m x n) = A (m x k) B (k x n), or C += that. Row i of B's panel j starts at b + j * b_panel + i * b_row.
// Rows of a panel may be read up to its full width; columns of C beyond n are not written.
typedef struct {
  size_t m, n, k;
  const float *a;
  size_t a_row;  // floats between rows of A; where A is given transposed, between rows of the (k x m) matrix
  int32_t is_far;  // A lies beyond the second-level cache: `product` fetches its rows a block ahead
  const float *b;
  size_t b_row, b_panel;
  // Products summed before they are added to a total, or 0: rounding errors grow with the length of a sum.
  size_t span;
  float *c;
  size_t c_row;
  int32_t accumulate;
  // The inner length may come in several segments of k, `a_segment` floats apart in A and one after the other in B; 0
  // and 1 mean one. With several, k * segments is at most a few hundred.
  size_t segments, a_segment;
  // NULL: C is stored. Else it is finished as a convolution's output, `n` being a multiple of 16; then `c` holds
  // what is summed before the last piece of an inner length beyond 1024.
  const sk_ending *ending;
  sk_fetch *fetch;  // or NULL
  // What the next product will read of its B, to be fetched by `product` meanwhile, or NULL.
  const float *ahead;
  size_t ahead_floats;
} sk_product;

typedef struct {
  size_t panel;    // columns of one panel
  size_t rows_at;  // most rows of one block where A is given transposed
  void (*product)(const sk_product *);
  void (*product_at)(const sk_product *);  // A given transposed
} sk_matrix;

const sk_matrix *sk_matrix_of(int32_t isa);

static inline size_t panels_of(const sk_matrix *matrix, size_t n) { return (n + matrix->panel - 1) / matrix->panel; }

// Blocks that `product_at` multiplies one after the other.
static inline size_t sk_product_blocks(const sk_matrix *matrix, size_t m, size_t n) {
  return panels_of(matrix, n) * ((m + matrix->rows_at - 1) / matrix->rows_at);
}

#endif
