#ifndef WINOGRAD_H
#define WINOGRAD_H
// Winograd convolution (Lavin and Gray 2016) of 3x3 kernels with stride 1 and padding = dilation, for any dilation.
//
// A convolution of dilation d is d x d independent ordinary ones on sub-grids of every d-th pixel. Each axis of a
// sub-grid is cut into segments; a tile is a row segment times a column segment. A segment of m outputs costs fewer
// products than its 3 m taps:
//
//   kind    outputs  products  what it is
//   single     1        1      a sub-grid of one pixel: both neighbours are padding
//   pair       2        3      a sub-grid of two pixels (Karatsuba): both outer neighbours are padding
//   three      3        5      F(3,3), points 0, ±3/4, 2, ∞
//   four       4        6      F(4,3), points 0, ±1/√2, ±√2, ∞
//   five       5        7      F(5,3), points ±1/4, ±√3/2, ±7/4, ∞: 2.5 times the rounding error of four
//   last       1        2      the last pixel of a longer sub-grid: its right neighbour is padding
//   four taps  4        7      F(4,4), points as five: kernels of four taps (phases.h), of no axis here
//
// Tiles of the same two kinds form a class. In it, product (i, j) of all tiles is one matrix multiplication, tiles x
// channels x outputs.
#include <stddef.h>
#include <stdint.h>

#include "sk_conv2d.h"

enum { SINGLE, PAIR, THREE, FOUR, FIVE, LAST, FOUR_TAPS, KINDS };
enum { MOST_OUTPUTS = 5, MOST_PRODUCTS = 7 };

static const int32_t sk_segment_outputs[KINDS] = {1, 2, 3, 4, 5, 1, 4};
static const int32_t sk_segment_products[KINDS] = {1, 3, 5, 6, 7, 2, 7};

// Kinds that sub-grids are padded to; fours are also what they are cut into.
static inline int32_t sk_is_padded(int32_t kind) { return kind == FOUR || kind == FIVE || kind == FOUR_TAPS; }

// One axis: by kind, where the segments begin (their first output's coordinate).
struct axis {
  int32_t size, dilation;
  int32_t counts[KINDS];
  const int32_t *starts[KINDS];
};

// Tiles of one class. Tile t is image t / (rows * columns), then row segment, then column segment.
struct tile_class {
  int32_t row_kind, column_kind;
  const int32_t *rows, *columns;
  int32_t row_count, column_count;
  int32_t height, width, dilation;
  size_t tiles;
  size_t products;
};

struct tiling {
  struct axis rows, columns;
  struct tile_class classes[KINDS * KINDS];
  int32_t class_count;
  size_t most_products;
};

// Integers `sk_tile` needs for its tables.
size_t sk_tiling_integers(const sk_conv2d *conv);

// Cuts the output of `conv`. `exact`: sub-grids are cut to their length; else each axis into fours or into fives, the last
// of which may reach beyond the border. The tables lie in `memory` (may be NULL: then only counts are set).
struct tiling sk_tile(const sk_conv2d *conv, int32_t exact, int32_t *memory);

// Where a tile lies.
struct tile_place {
  size_t image;
  int32_t row, column;  // of its first output
};

static inline struct tile_place sk_tile_place(const struct tile_class *class, size_t tile) {
  size_t columns = (size_t)class->column_count, rows = (size_t)class->row_count;
  size_t line = tile / columns;
  return (struct tile_place){line / rows, class->rows[line % rows], class->columns[tile % columns]};
}

#endif
