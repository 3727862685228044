#include "matrix.h"
#include "phases.h"
#include "sk_phases.h"
#include "weight_parts.h"

// Gradient of the weights: blocks of tiles are dealt to parts, each with sums of all products of its own. These are added
// in order and transformed back once.

enum { LEFT_PANEL = 16, MOST_PARTS = 8 };

struct gradient {
  struct phases phases;
  size_t parts;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  const sk_conv2d_input *x;
  const float *dy;
  float *sums, *workspace;
  size_t u_product, worker_floats;
};

static size_t part_count(const struct phases *phases) { return smaller(MOST_PARTS, phase_tasks(phases)); }

// Of the sums of one product.
static size_t sum_pitch(const struct phases *phases) {
  return product_pitch(phases->channels * (size_t)phases->conv.k);
}

static size_t z_pitch(const struct phases *phases) {
  return product_pitch(BLOCK_TILES * round_up((size_t)phases->conv.k, WIDEST_PANEL));
}

static size_t worker_floats(const struct phases *phases) {
  return band_floats(phases) + TILE_PRODUCTS * (input_pitch(phases) + z_pitch(phases));
}

// Sums of all parts, and what they add up to.
static size_t sum_floats(const struct phases *phases) {
  return (part_count(phases) + 1) * TILE_PRODUCTS * sum_pitch(phases);
}

size_t sk_phases_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  struct phases phases = sk_phases(conv, NULL);
  return (phase_table_floats(conv) + sum_floats(&phases) + (size_t)workers * worker_floats(&phases)) * sizeof(float);
}

static void add_block(const struct gradient *gradient, size_t task, float *band, float *sums, int32_t adds) {
  const struct phases *phases = &gradient->phases;
  const size_t k = (size_t)phases->conv.k, panel = gradient->matrix->panel;
  struct phase_block block = sk_phase_block(phases, task);
  block.outputs.channels = k;
  struct products v = sk_product_panels(band + band_floats(phases), input_pitch(phases), LEFT_PANEL, block.tiles);
  struct products z = sk_product_panels(
      v.values + TILE_PRODUCTS * v.product_pitch, z_pitch(phases), panel, block.tiles);
  sk_phase_inputs(phases, gradient->transforms, &block, gradient->x, band, v);
  gradient->transforms->spread(&block.outputs, gradient->dy, z);
  for (size_t product = 0; product < TILE_PRODUCTS; product++)
    for (size_t channel = 0; channel < phases->channels; channel += LEFT_PANEL) {
      sk_product q = {
          .m = smaller(LEFT_PANEL, phases->channels - channel), .n = k, .k = block.tiles,
          .a = v.values + product * v.product_pitch + channel / LEFT_PANEL * v.panel_pitch, .a_row = LEFT_PANEL,
          .b = z.values + product * z.product_pitch, .b_row = panel, .b_panel = z.panel_pitch,
          .c = sums + product * gradient->u_product + channel * k, .c_row = k, .accumulate = adds};
      gradient->matrix->product_at(&q);
    }
}

static void part_task(void *context, size_t part, int32_t worker) {
  const struct gradient *gradient = context;
  float *band = gradient->workspace + (size_t)worker * gradient->worker_floats;
  float *sums = gradient->sums + (part + 1) * TILE_PRODUCTS * gradient->u_product;
  size_t tasks = phase_tasks(&gradient->phases), begin = tasks * part / gradient->parts;
  for (size_t task = begin; task < tasks * (part + 1) / gradient->parts; task++)
    add_block(gradient, task, band, sums, task > begin);
}

void sk_phases_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace) {
  int32_t isa = sk_pool_isa(pool);
  struct gradient gradient = {
      .phases = sk_phases(conv, workspace), .matrix = sk_matrix_of(isa), .transforms = sk_winograd_transforms(isa), .x = x,
      .dy = dy, .sums = (float *)workspace + phase_table_floats(conv)};
  gradient.parts = part_count(&gradient.phases);
  gradient.workspace = gradient.sums + sum_floats(&gradient.phases);
  gradient.u_product = sum_pitch(&gradient.phases), gradient.worker_floats = worker_floats(&gradient.phases);
  size_t floats = TILE_PRODUCTS * gradient.u_product;
  sk_parallel_for(pool, gradient.parts, part_task, &gradient);
  sk_add_parts(pool, gradient.sums, gradient.sums + floats, floats, floats, gradient.parts, 0);
  sk_phase_taps(pool, &gradient.phases, gradient.sums, gradient.u_product, dw, accumulate);
}
