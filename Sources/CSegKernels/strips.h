#ifndef STRIPS_H
#define STRIPS_H
// Strips: a few input rows with their padding, activated where asked, copied once; every tap row of an output row then
// is a matrix in them whose rows overlap, and nothing is gathered.
#include <stddef.h>

#include "conv2d_rows.h"
#include "sk_conv2d.h"
#include "winograd_blocks.h"

struct strips {
  sk_conv2d conv;
  size_t band;   // output rows of one strip
  size_t bands;  // of one image
  size_t pitch;  // floats of a strip's row
  size_t rows;   // of a strip
};

static inline struct strips sk_strips(const sk_conv2d *conv) {
  enum { PIXELS = 192 };
  size_t p = (size_t)conv->p, q = (size_t)conv->q;
  struct strips strips = {.conv = *conv};
  size_t band = q >= PIXELS ? 1 : smaller((PIXELS + q / 2) / q, p);
  strips.bands = (p + band - 1) / band;
  strips.band = (p + strips.bands - 1) / strips.bands;
  strips.pitch = round_up(((q - 1) * (size_t)conv->stride + (size_t)conv->s) * (size_t)conv->c, LINE) + LINE;
  strips.rows = (strips.band - 1) * (size_t)conv->stride + (size_t)conv->r;
  return strips;
}

static inline size_t strip_floats(const struct strips *strips) { return strips->rows * strips->pitch; }

// Output rows [begin, end) of a band.
static inline size_t band_begin(const struct strips *strips, size_t band) {
  return (size_t)strips->conv.p * band / strips->bands;
}

// Fills `strip` for the output rows from `first_row` on of one image.
void sk_fill_strip(
    const struct strips *strips, const struct conv2d_rows *rows, const sk_conv2d_input *input, size_t image,
    size_t first_row, size_t count, float *strip);

#endif
