#include <string.h>

#include "conv2d_gather.h"
#include "conv2d_rows.h"
#include "matrix.h"
#include "sk_gathered.h"
#include "weight_parts.h"
#include "winograd_blocks.h"

// Gradient of the weights: rows of it (taps x channels) are cut into blocks; where there are few, pixels are cut as well,
// each part with a sum of its own. A task goes through its pixels in chunks: gathers the inputs, arranges them and the
// gradients in panels, and multiplies.

enum { PIXELS = 256, MOST_ROWS = 512, FEWEST_TASKS = 8, LEFT_PANEL = 16 };

struct weight_sum {
  struct grid grid;
  const sk_activation *activation;
  const float *dy;
  float *dw;
  float *parts;  // (pixel_parts, rows, k) when pixels are cut
  size_t outputs;
  struct blocking block;
  int32_t row_blocks, tap_blocks, channel_blocks, pixel_parts, accumulate;
  const sk_matrix *matrix;
  const struct conv2d_rows *rows;
  float *workspace;
  size_t gathered_floats, left_floats, worker_floats;
};

static size_t weight_floats(const sk_conv2d *conv) {
  return (size_t)conv->r * (size_t)conv->s * (size_t)conv->c * (size_t)conv->k;
}

static void plan(const sk_conv2d *conv, struct weight_sum *sum) {
  int32_t taps = conv->r * conv->s, most = conv->c >= MOST_ROWS ? 1 : MOST_ROWS / conv->c;
  // Near-equal blocks of taps.
  int32_t blocks = (taps + most - 1) / most;
  sum->block = (struct blocking){(taps + blocks - 1) / blocks, conv->c < MOST_ROWS ? conv->c : MOST_ROWS};
  sum->tap_blocks = (taps + sum->block.taps - 1) / sum->block.taps;
  sum->channel_blocks = (conv->c + sum->block.channels - 1) / sum->block.channels;
  sum->row_blocks = sum->tap_blocks * sum->channel_blocks;
  sum->pixel_parts = sum->row_blocks >= FEWEST_TASKS ? 1 : (FEWEST_TASKS + sum->row_blocks - 1) / sum->row_blocks;
  size_t rows = round_up((size_t)sum->block.taps * (size_t)sum->block.channels, LEFT_PANEL);
  sum->gathered_floats = PIXELS * rows;
  sum->left_floats = PIXELS * rows;
  sum->worker_floats = sum->gathered_floats + sum->left_floats + PIXELS * round_up((size_t)conv->k, WIDEST_PANEL);
}

size_t sk_gathered_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  struct weight_sum sum = {0};
  plan(conv, &sum);
  size_t parts = sum.pixel_parts > 1 ? (size_t)sum.pixel_parts * round_up(weight_floats(conv), LINE) : 0;
  return (parts + (size_t)workers * sum.worker_floats) * sizeof(float);
}

// Inputs of pixels [begin, end) as a matrix (pixels x rows), or 0 when all of them are padding.
static const float *inputs_of(
    const struct weight_sum *sum, size_t begin, size_t end, int32_t tap, int32_t last, int32_t channel, int32_t width,
    float *gathered, size_t *pitch) {
  const struct grid *grid = &sum->grid;
  *pitch = (size_t)(last - tap) * (size_t)width;
  if (sum->activation)
    return sk_gather_activated(grid, sum->rows, sum->activation, begin, end, tap, last, channel, width, gathered)
               ? gathered
               : NULL;
  if (sk_gather_is_identity(grid)) {
    *pitch = (size_t)grid->channels;
    return grid->source + begin * (size_t)grid->channels + channel;
  }
  return sk_gather(grid, begin, end, tap, last, channel, width, gathered) ? gathered : NULL;
}

static void weight_block(void *context, size_t chunk, int32_t worker) {
  const struct weight_sum *sum = context;
  const struct grid *grid = &sum->grid;
  int32_t part = (int32_t)(chunk / (size_t)sum->row_blocks), block = (int32_t)(chunk % (size_t)sum->row_blocks);
  int32_t tap = block / sum->channel_blocks * sum->block.taps;
  int32_t last = tap + sum->block.taps < grid->tap_count ? tap + sum->block.taps : grid->tap_count;
  int32_t channel = block % sum->channel_blocks * sum->block.channels;
  int32_t width = grid->channels - channel < sum->block.channels ? grid->channels - channel : sum->block.channels;
  size_t rows = (size_t)(last - tap) * (size_t)width, outputs = sum->outputs;
  size_t first_row = (size_t)tap * (size_t)grid->channels + (size_t)channel;
  size_t all = (size_t)grid->tap_count * (size_t)grid->channels * outputs;
  float *result = (sum->parts ? sum->parts + (size_t)part * round_up(all, LINE) : sum->dw) + first_row * outputs;
  int32_t started = !sum->parts && sum->accumulate;

  float *gathered = sum->workspace + (size_t)worker * sum->worker_floats;
  float *left = gathered + sum->gathered_floats, *right = left + sum->left_floats;
  size_t pixels = grid_pixels(grid), parts = (size_t)sum->pixel_parts, panel = sum->matrix->panel;
  size_t stop = pixels * ((size_t)part + 1) / parts;
  for (size_t begin = pixels * (size_t)part / parts; begin < stop; begin += PIXELS) {
    size_t end = smaller(begin + PIXELS, stop), count = end - begin, pitch;
    const float *inputs = inputs_of(sum, begin, end, tap, last, channel, width, gathered, &pitch);
    if (!inputs) continue;
    sum->rows->to_panels(left, LEFT_PANEL, inputs, pitch, count, rows);
    sum->rows->to_panels(right, panel, sum->dy + begin * outputs, outputs, count, outputs);
    for (size_t row = 0; row < rows; row += LEFT_PANEL) {
      sk_product q = {
          .m = smaller(LEFT_PANEL, rows - row), .n = outputs, .k = count, .a = left + row * count, .a_row = LEFT_PANEL,
          .b = right, .b_row = panel, .b_panel = count * panel, .c = result + row * outputs, .c_row = outputs,
          .accumulate = started};
      sum->matrix->product_at(&q);
    }
    started = 1;
  }
  if (!started) memset(result, 0, rows * outputs * sizeof *result);
}

void sk_gathered_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace) {
  struct tap taps[MOST_TAPS];
  struct weight_sum sum = {
      .grid = sk_forward_grid(conv, x->x, taps), .activation = x->activation.scale ? &x->activation : NULL, .dy = dy,
      .dw = dw, .outputs = (size_t)conv->k, .accumulate = accumulate, .matrix = sk_matrix_of(sk_pool_isa(pool)),
      .rows = sk_conv2d_rows(sk_pool_isa(pool))};
  plan(conv, &sum);
  size_t count = weight_floats(conv);
  sum.parts = sum.pixel_parts > 1 ? workspace : NULL;
  sum.workspace = (float *)workspace + (sum.parts ? (size_t)sum.pixel_parts * round_up(count, LINE) : 0);
  sk_parallel_for(pool, (size_t)sum.row_blocks * (size_t)sum.pixel_parts, weight_block, &sum);
  if (!sum.parts) return;
  sk_add_parts(pool, dw, sum.parts, count, round_up(count, LINE), (size_t)sum.pixel_parts, accumulate);
}
