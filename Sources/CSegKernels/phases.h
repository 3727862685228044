#ifndef PHASES_H
#define PHASES_H
// A convolution of stride 2 is an ordinary one over phases: every second row and column, from the first or from the
// second on, is a picture of half the size, and the four of them are four times the channels. A kernel of 7 or 8 taps
// becomes one of 4, which Winograd's F(4,4) computes from 49 products of 16 outputs (the kind FOUR_TAPS of winograd.h):
// five times fewer than it has taps.
//
// A task takes a block of neighbouring tiles of one row. Phases of what they read lie together in its band: 7 rows of
// pixels with (row phase, column phase, channel) each, padding included.
#include <stddef.h>

#include "sk_conv2d.h"
#include "winograd_blocks.h"
#include "winograd_transforms.h"

enum {
  PHASE_TAPS = 4,
  TILE_OUTPUTS = 4,                        // along each axis
  WINDOW = TILE_OUTPUTS + PHASE_TAPS - 1,  // what they read of each phase, and their products
  TILE_PRODUCTS = WINDOW * WINDOW
};

struct phases {
  sk_conv2d conv;
  size_t channels;          // of all phases
  size_t lanes;             // the same in whole vectors
  size_t rows, columns;     // tiles of one image
  size_t blocks;            // of one row of tiles
  struct tile_class outputs, inputs;
};

// The cut of `conv`; `tables` (sk_phase_tables integers, or NULL: then only counts are set) holds where tiles begin.
struct phases sk_phases(const sk_conv2d *conv, int32_t *tables);
size_t sk_phase_tables(const sk_conv2d *conv);

// Floats before the rest of a workspace, for the tables.
static inline size_t phase_table_floats(const sk_conv2d *conv) { return round_up(sk_phase_tables(conv), LINE); }

static inline size_t phase_tasks(const struct phases *phases) {
  return (size_t)phases->conv.n * phases->rows * phases->blocks;
}

static inline size_t band_floats(const struct phases *phases) {
  return WINDOW * (TILE_OUTPUTS * BLOCK_TILES + PHASE_TAPS - 1) * phases->lanes + 2 * LINE;
}

// Of one product of a task's transformed inputs.
static inline size_t input_pitch(const struct phases *phases) { return product_pitch(BLOCK_TILES * phases->lanes); }

// The tiles of a task, in all and from the first of its row on.
struct phase_block {
  struct tile_range outputs;
  size_t image, row, column, tiles;
};
struct phase_block sk_phase_block(const struct phases *phases, size_t task);

// Transformed inputs of a task's tiles. `band` is its memory for them.
void sk_phase_inputs(
    const struct phases *phases, const struct winograd_transforms *transforms, const struct phase_block *block,
    const sk_conv2d_input *x, float *band, struct products v);

// MARK: Weights (phase_weights.c)

// u = transformed weights: (product, panel of outputs, channel of all phases, panel width), `u_product` floats a product.
void sk_phase_weights(
    sk_pool *pool, const struct phases *phases, const float *weight, size_t panel, float *u, size_t u_product);

// dw (+)= the taps of sums of products: (product, channel of all phases, output), `u_product` floats a product.
void sk_phase_taps(
    sk_pool *pool, const struct phases *phases, const float *u, size_t u_product, float *dw, int32_t accumulate);

#endif
