#include "phases.h"

#include <string.h>

// How a strided convolution is cut into tiles of its phases, and what they read.

size_t sk_phase_tables(const sk_conv2d *conv) {
  return (size_t)(conv->p + conv->q) / TILE_OUTPUTS + 2 + BLOCK_TILES;
}

static size_t tiles_of(int32_t outputs) { return ((size_t)outputs + TILE_OUTPUTS - 1) / TILE_OUTPUTS; }

// Windows of the transforms of inputs begin one pixel before the first output.
static void fill_starts(int32_t *starts, size_t count, int32_t first) {
  for (size_t i = 0; i < count; i++) starts[i] = first + TILE_OUTPUTS * (int32_t)i;
}

struct phases sk_phases(const sk_conv2d *conv, int32_t *tables) {
  size_t channels = 4 * (size_t)conv->c;
  struct phases phases = {
      .conv = *conv, .channels = channels, .lanes = round_up(channels, LINE), .rows = tiles_of(conv->p),
      .columns = tiles_of(conv->q)};
  phases.blocks = even_pieces(phases.columns, BLOCK_TILES);
  phases.outputs = (struct tile_class){
      .row_kind = FOUR_TAPS, .column_kind = FOUR_TAPS, .row_count = (int32_t)phases.rows,
      .column_count = (int32_t)phases.columns, .height = conv->p, .width = conv->q, .dilation = 1,
      .tiles = (size_t)conv->n * phases.rows * phases.columns, .products = TILE_PRODUCTS};
  // Of one band. What fives read and their points are those of four outputs of four taps.
  phases.inputs = (struct tile_class){
      .row_kind = FIVE, .column_kind = FIVE, .row_count = 1, .height = WINDOW, .dilation = 1, .products = TILE_PRODUCTS};
  if (!tables) return phases;
  int32_t *rows = tables, *columns = rows + phases.rows, *windows = columns + phases.columns;
  fill_starts(rows, phases.rows, 0);
  fill_starts(columns, phases.columns, 0);
  fill_starts(windows, BLOCK_TILES, 1);
  phases.outputs.rows = rows, phases.outputs.columns = columns;
  phases.inputs.rows = phases.inputs.columns = windows;
  return phases;
}

struct phase_block sk_phase_block(const struct phases *phases, size_t task) {
  size_t line = task / phases->blocks, piece = task % phases->blocks;
  size_t begin = phases->columns * piece / phases->blocks, end = phases->columns * (piece + 1) / phases->blocks;
  struct tile_range outputs = {
      .class = &phases->outputs, .tile = line * phases->columns + begin, .tiles = end - begin,
      .all = (size_t)phases->conv.k};
  return (struct phase_block){
      .outputs = outputs, .image = line / phases->rows, .row = line % phases->rows, .column = begin, .tiles = end - begin};
}

// MARK: Bands

// Both column phases of one pixel of a band: two neighbouring pixels of the image, the first of them at `column`.
static void copy_pair(
    const sk_conv2d *conv, const float *row, const sk_activation *activation, ptrdiff_t column, float *to) {
  size_t c = (size_t)conv->c;
  for (ptrdiff_t x = column; x < column + 2; x++, to += c) {
    int32_t is_inside = row && x >= 0 && x < conv->w;
    for (size_t i = 0; i < c; i++) {
      float value = is_inside ? row[x * (ptrdiff_t)c + (ptrdiff_t)i] : 0;
      if (is_inside && activation->scale) {
        value = (value - activation->mean[i]) * activation->scale[i] + activation->shift[i];
        value = value < 0 ? 0 : value;
      }
      to[i] = value;
    }
  }
}

// One row phase of one row of a band, from `column` of the image on. Inside the image, pairs are copied in whole pieces:
// what comes after the first row phase is the place of the second, which is copied later; what comes after that is never
// multiplied.
static void copy_row(
    const struct phases *phases, const float *row, const sk_activation *activation, ptrdiff_t column, size_t width,
    float *to) {
  enum { PIECE = 8 };
  const sk_conv2d *conv = &phases->conv;
  const size_t c = (size_t)conv->c, pieces = (2 * c + PIECE - 1) / PIECE, lanes = phases->lanes;
  const ptrdiff_t last = conv->w * (ptrdiff_t)c - (ptrdiff_t)(pieces * PIECE);
  const int32_t is_plain = row && !activation->scale;
  size_t j = 0;
  for (; j < width && (!is_plain || column < 0); j++, column += 2) copy_pair(conv, row, activation, column, to + j * lanes);
  for (; j < width && column * (ptrdiff_t)c <= last; j++, column += 2)
    for (size_t i = 0; i < pieces * PIECE; i += PIECE)
      memcpy(to + j * lanes + i, row + column * (ptrdiff_t)c + i, PIECE * sizeof(float));
  for (; j < width; j++, column += 2) copy_pair(conv, row, activation, column, to + j * lanes);
}

void sk_phase_inputs(
    const struct phases *phases, const struct winograd_transforms *transforms, const struct phase_block *block,
    const sk_conv2d_input *x, float *band, struct products v) {
  const sk_conv2d *conv = &phases->conv;
  const size_t width = TILE_OUTPUTS * block->tiles + PHASE_TAPS - 1, row_floats = (size_t)conv->w * (size_t)conv->c;
  const ptrdiff_t top = 2 * TILE_OUTPUTS * (ptrdiff_t)block->row - conv->padding;
  const ptrdiff_t left = 2 * TILE_OUTPUTS * (ptrdiff_t)block->column - conv->padding;
  const float *image = x->x + block->image * (size_t)conv->h * row_floats;
  for (ptrdiff_t i = 0; i < 2 * WINDOW; i++) {
    const float *row = top + i >= 0 && top + i < conv->h ? image + (size_t)(top + i) * row_floats : NULL;
    float *to = band + (size_t)(i / 2) * width * phases->lanes + (size_t)(i % 2) * 2 * (size_t)conv->c;
    copy_row(phases, row, &x->activation, left, width, to);
  }
  struct tile_class class = phases->inputs;
  class.column_count = (int32_t)block->tiles, class.width = (int32_t)width, class.tiles = block->tiles;
  struct tile_range range = {.class = &class, .tiles = block->tiles, .all = phases->lanes, .channels = phases->lanes};
  transforms->inputs(&range, &(sk_conv2d_input){.x = band}, v);
}
