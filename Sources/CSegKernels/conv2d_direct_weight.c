#include "conv2d_gather.h"
#include "sk_direct.h"
#include "sk_gemm.h"
#include "weight_parts.h"

// Rows of the weight gradient are cut into blocks; where there are few blocks, pixels are cut as well, each part
// with a sum of its own.
struct weight_sum {
  struct grid grid;
  const float *dy;
  float *dw;
  float *parts;  // (pixel_parts, rows, k) when pixels are cut
  int32_t outputs;
  int32_t row_blocks, tap_blocks, channel_blocks;
  struct blocking block;
  int32_t pixel_parts;
  int32_t accumulate;
  float *workspace;
  size_t worker_floats;
};

enum { WEIGHT_COLUMNS = 512, FEWEST_TASKS = 8 };

static void plan_weight_sum(const sk_conv2d *conv, struct weight_sum *sum) {
  // Few channels: gather whole rows of taps at once. Many: one tap, up to WEIGHT_COLUMNS channels.
  int32_t taps = conv->r * conv->s;
  struct blocking block;
  if (conv->c < 64)
    block = (struct blocking){WEIGHT_COLUMNS / conv->c < taps ? WEIGHT_COLUMNS / conv->c : taps, conv->c};
  else
    block = (struct blocking){1, conv->c < WEIGHT_COLUMNS ? conv->c : WEIGHT_COLUMNS};
  if (block.taps < 1) block.taps = 1;
  sum->block = block;
  sum->tap_blocks = (taps + block.taps - 1) / block.taps;
  sum->channel_blocks = (conv->c + block.channels - 1) / block.channels;
  sum->row_blocks = sum->tap_blocks * sum->channel_blocks;
  sum->pixel_parts = sum->row_blocks >= FEWEST_TASKS ? 1 : (FEWEST_TASKS + sum->row_blocks - 1) / sum->row_blocks;
  sum->worker_floats = TILE_PIXELS * (size_t)block.taps * (size_t)block.channels;
}

static size_t weight_floats(const sk_conv2d *conv) {
  return (size_t)conv->r * (size_t)conv->s * (size_t)conv->c * (size_t)conv->k;
}

size_t sk_direct_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  struct weight_sum sum = {0};
  plan_weight_sum(conv, &sum);
  size_t parts = sum.pixel_parts > 1 ? (size_t)sum.pixel_parts * weight_floats(conv) : 0;
  return (parts + (size_t)workers * sum.worker_floats) * sizeof(float);
}

static void weight_block(void *context, size_t chunk, int32_t worker) {
  const struct weight_sum *sum = context;
  const struct grid *grid = &sum->grid;
  int32_t part = (int32_t)(chunk / (size_t)sum->row_blocks), rows_index = (int32_t)(chunk % (size_t)sum->row_blocks);
  int32_t tap = rows_index / sum->channel_blocks * sum->block.taps;
  int32_t last = tap + sum->block.taps < grid->tap_count ? tap + sum->block.taps : grid->tap_count;
  int32_t channel = rows_index % sum->channel_blocks * sum->block.channels;
  int32_t width = grid->channels - channel < sum->block.channels ? grid->channels - channel : sum->block.channels;
  size_t rows = (size_t)(last - tap) * (size_t)width, outputs = (size_t)sum->outputs;
  size_t first_row = (size_t)tap * (size_t)grid->channels + (size_t)channel;
  size_t all_rows = (size_t)grid->tap_count * (size_t)grid->channels;
  float *result = (sum->parts ? sum->parts + (size_t)part * all_rows * outputs : sum->dw) + first_row * outputs;
  int32_t started = !sum->parts && sum->accumulate;

  size_t pixels = grid_pixels(grid), parts = (size_t)sum->pixel_parts;
  size_t begin = pixels * (size_t)part / parts, stop = pixels * ((size_t)part + 1) / parts;
  float *gathered = sum->workspace + (size_t)worker * sum->worker_floats;
  for (; begin < stop; begin += TILE_PIXELS) {
    size_t end = begin + TILE_PIXELS < stop ? begin + TILE_PIXELS : stop;
    const float *matrix = gathered;
    size_t pitch = rows;
    if (sk_gather_is_identity(grid)) {
      matrix = grid->source + begin * (size_t)grid->channels + channel;
      pitch = (size_t)grid->channels;
    } else if (!sk_gather(grid, begin, end, tap, last, channel, width, gathered)) {
      continue;
    }
    sk_gemm_at(rows, outputs, end - begin, matrix, pitch, sum->dy + begin * outputs, outputs,
               started ? 1 : 0, result, outputs);
    started = 1;
  }
  if (!started)
    for (size_t i = 0; i < rows * outputs; i++) result[i] = 0;
}

void sk_direct_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const float *x, const float *dy,
    int32_t accumulate, void *workspace) {
  struct tap taps[MOST_TAPS];
  struct weight_sum sum = {
      .grid = sk_forward_grid(conv, x, taps), .dy = dy, .dw = dw, .outputs = conv->k, .accumulate = accumulate};
  plan_weight_sum(conv, &sum);
  size_t count = weight_floats(conv);
  sum.parts = sum.pixel_parts > 1 ? workspace : NULL;
  sum.workspace = (float *)workspace + (sum.parts ? (size_t)sum.pixel_parts * count : 0);
  sk_parallel_for(pool, (size_t)sum.row_blocks * (size_t)sum.pixel_parts, weight_block, &sum);
  if (!sum.parts) return;
  sk_add_parts(pool, dw, sum.parts, count, count, (size_t)sum.pixel_parts, accumulate);
}
