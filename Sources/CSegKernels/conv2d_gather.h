// What the three passes of a convolution share: a grid of output pixels, the taps each of them reads, and the
// copy of those taps into a matrix.
#ifndef CONV2D_GATHER_H
#define CONV2D_GATHER_H
#include <stddef.h>
#include <stdint.h>

#include "sk_conv2d.h"

enum {
  TILE_PIXELS = 256,   // rows of one matrix product
  TILE_COLUMNS = 1024, // at most so many gathered floats a pixel, so that a tile stays in the second-level cache
  MOST_TAPS = 1024
};

// Blocks of gathered columns: several taps of few channels, or a part of one tap's channels.
struct blocking {
  int32_t taps, channels;
};

// One weight position: where it reads, relative to the pixel's own position.
struct tap {
  int32_t dh, dw;
};

// A grid of pixels, `n` images of rows x columns. Pixel (i, j) reads source (i * step + tap.dh, j * step + tap.dw).
struct grid {
  int32_t n, rows, columns, step;
  const float *source;
  int32_t source_h, source_w, channels;
  const struct tap *taps;
  int32_t tap_count;
};

static inline size_t grid_pixels(const struct grid *grid) {
  return (size_t)grid->n * (size_t)grid->rows * (size_t)grid->columns;
}

// Pixels in one tile: close to TILE_PIXELS, but an even number of tiles, so that two threads finish together.
size_t sk_tile_pixels(size_t pixels);

// Whether the source itself is the matrix: one tap, no step, no border.
int32_t sk_gather_is_identity(const struct grid *grid);

// out[pixel - begin][tap - first][channel] for pixels [begin, end) and taps [first, last), channels
// [channel, channel + width); zero outside the source. Returns 0 when everything is zero (out is not written).
int32_t sk_gather(
    const struct grid *grid, size_t begin, size_t end, int32_t first, int32_t last, int32_t channel,
    int32_t width, float *out);

struct conv2d_rows;

// The same, activated (padding stays 0).
int32_t sk_gather_activated(
    const struct grid *grid, const struct conv2d_rows *rows, const sk_activation *activation, size_t begin, size_t end,
    int32_t first, int32_t last, int32_t channel, int32_t width, float *out);

// Output pixels of a convolution over x; `taps` is filled.
struct grid sk_forward_grid(const sk_conv2d *conv, const float *x, struct tap *taps);

// Input pixels fall into stride x stride classes; all pixels of a class are reached by the same taps.
struct input_class {
  int32_t row, column;  // first pixel
  int32_t rows, columns;
  int32_t tap_count;
  struct tap taps[MOST_TAPS];
  int32_t weight_taps[MOST_TAPS];  // which tap of the weights each of them is
};

void sk_input_class(const sk_conv2d *conv, int32_t row, int32_t column, struct input_class *class);

#endif
