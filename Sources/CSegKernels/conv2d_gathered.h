// Products of gathered pixels and packed weights, tile by tile: what the forward pass and the gradient of the input share.
#ifndef CONV2D_GATHERED_H
#define CONV2D_GATHERED_H
#include "conv2d_gather.h"
#include "conv2d_rows.h"
#include "matrix.h"
#include "winograd_blocks.h"

// One product of all pixels of a grid with all weights.
struct gathered {
  struct grid grid;
  const sk_activation *activation;  // of the source, or NULL
  const float *packed;              // (panel, taps * channels, panel width)
  size_t columns;                   // taps * channels
  size_t outputs;
  const sk_conv2d_output *out;
  // Where grid pixel (i, j) is written: image pitch, row pitch and column pitch in pixels, and the first pixel.
  size_t image_pitch, row_pitch, column_pitch, origin;
  int32_t contiguous;  // pixels follow one another in the output
  size_t tiles, sum_task;
  const sk_matrix *matrix;
  const struct conv2d_rows *rows;
  float *workspace;
  size_t worker_floats;
};

// Weights in panels: floats for `rows` x `outputs`.
static inline size_t packed_floats(size_t rows, size_t outputs) { return rows * round_up(outputs, WIDEST_PANEL); }

// Scratch floats of one worker for so many taps, input channels and outputs.
size_t sk_gathered_worker_floats(int32_t taps, int32_t channels, size_t outputs);
// Tasks, each of which leaves sums, for so many pixels.
size_t sk_gathered_tiles(size_t pixels);
// Computes the product; adds the tasks it took to `sum_task`.
void sk_gathered_product(sk_pool *pool, struct gathered *g);

#endif
