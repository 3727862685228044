#include <string.h>

#include "matrix.h"
#include "phases.h"
#include "sk_phases.h"

// Forward pass: what a task reads, multiplies and writes stays in its own cache.

struct forward {
  struct phases phases;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  const sk_conv2d_input *x;
  const sk_conv2d_output *y;
  const float *u;
  size_t u_product;
  float *workspace;
  size_t worker_floats;
};

int32_t sk_phases_fits(const sk_conv2d *conv) {
  int32_t is_wide = conv->r >= 2 * PHASE_TAPS - 1 && conv->r <= 2 * PHASE_TAPS;
  return is_wide && conv->s == conv->r && conv->stride == 2 && conv->dilation == 1 && 4 * conv->c <= PRIVATE_CHANNELS &&
         conv->k % 16 == 0 && conv->k <= PRIVATE_CHANNELS;
}

size_t sk_phases_product_rows(const sk_conv2d *conv) {
  struct phases phases = sk_phases(conv, NULL);
  return phases.outputs.tiles * phases.outputs.products;
}

static size_t weight_pitch(const struct phases *phases) {
  return product_pitch(round_up((size_t)phases->conv.k, WIDEST_PANEL) * phases->channels);
}

size_t sk_phases_weight_floats(const sk_conv2d *conv) {
  struct phases phases = sk_phases(conv, NULL);
  return TILE_PRODUCTS * weight_pitch(&phases);
}

void sk_phases_weights(sk_pool *pool, const sk_conv2d *conv, const float *weight, float *u) {
  struct phases phases = sk_phases(conv, NULL);
  sk_phase_weights(pool, &phases, weight, sk_matrix_of(sk_pool_isa(pool))->panel, u, weight_pitch(&phases));
}

size_t sk_phases_sum_tasks(const sk_conv2d *conv) {
  struct phases phases = sk_phases(conv, NULL);
  return phase_tasks(&phases);
}

enum { M_TILE = OUTPUT_SLICE + PAD };

static size_t worker_floats(const struct phases *phases) {
  return band_floats(phases) + TILE_PRODUCTS * (input_pitch(phases) + product_pitch(BLOCK_TILES * M_TILE));
}

size_t sk_phases_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers) {
  struct phases phases = sk_phases(conv, NULL);
  size_t weights = prepared ? 0 : sk_phases_weight_floats(conv);
  return (phase_table_floats(conv) + weights + (size_t)workers * worker_floats(&phases)) * sizeof(float);
}

static void block_task(void *context, size_t task, int32_t worker) {
  const struct forward *forward = context;
  const struct phases *phases = &forward->phases;
  const sk_conv2d_output *y = forward->y;
  const size_t k = (size_t)phases->conv.k, panel = forward->matrix->panel;
  float *band = forward->workspace + (size_t)worker * forward->worker_floats;
  struct products v = sk_product_rows(band + band_floats(phases), input_pitch(phases), phases->lanes);
  float *products = v.values + TILE_PRODUCTS * v.product_pitch;
  struct products m = sk_product_rows(products, product_pitch(BLOCK_TILES * M_TILE), M_TILE);
  struct phase_block block = sk_phase_block(phases, task);
  double *sums = NULL;
  if (y->sums != SK_NO_SUMS) {
    sums = y->partial + task * 2 * k;
    memset(sums, 0, 2 * k * sizeof *sums);
  }
  sk_phase_inputs(phases, forward->transforms, &block, forward->x, band, v);
  for (size_t output = 0; output < k; output += OUTPUT_SLICE) {
    block.outputs.channel = output, block.outputs.channels = smaller(OUTPUT_SLICE, k - output);
    for (size_t product = 0; product < TILE_PRODUCTS; product++) {
      sk_product q = {
          .m = block.tiles, .n = block.outputs.channels, .k = phases->channels,
          .a = v.values + product * v.product_pitch, .a_row = v.tile_pitch,
          .b = forward->u + product * forward->u_product + output * phases->channels, .b_row = panel,
          .b_panel = phases->channels * panel, .c = m.values + product * m.product_pitch, .c_row = m.tile_pitch};
      forward->matrix->product(&q);
    }
    forward->transforms->outputs(&block.outputs, y, m, sums);
  }
}

void sk_phases_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *u, void *workspace) {
  int32_t isa = sk_pool_isa(pool);
  struct forward forward = {
      .phases = sk_phases(conv, workspace), .matrix = sk_matrix_of(isa), .transforms = sk_winograd_transforms(isa), .x = x,
      .y = y};
  float *scratch = (float *)workspace + phase_table_floats(conv);
  if (!u) {
    sk_phases_weights(pool, conv, weight, scratch);
    u = scratch;
    scratch += sk_phases_weight_floats(conv);
  }
  forward.u = u, forward.u_product = weight_pitch(&forward.phases);
  forward.workspace = scratch, forward.worker_floats = worker_floats(&forward.phases);
  sk_parallel_for(pool, phase_tasks(&forward.phases), block_task, &forward);
}
