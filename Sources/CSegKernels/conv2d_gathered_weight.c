#include <string.h>

#include "conv2d_gather.h"
#include "conv2d_rows.h"
#include "matrix.h"
#include "sk_gathered.h"
#include "weight_parts.h"
#include "winograd_blocks.h"

// Gradient of the weights: (taps x channels) x outputs, a product over all pixels.
//
// The result is cut into blocks; where there are few, pixels are cut as well, each part with a sum of its own. A task goes
// through its pixels in chunks and keeps its block in its own cache. Of the inputs and the gradients, the side with more
// channels is arranged in panels, the other is read as it lies; while a chunk is multiplied, the next one is fetched.

// A block's two sides and a chunk of pixels: block and chunk lie in the second-level cache while the next chunk comes.
enum { MOST_LEFT = 512, MOST_RIGHT = 256, PIXELS = 128, FEWEST_TASKS = 8 };

struct weight_sum {
  struct grid grid;
  const sk_activation *activation;
  const float *dy;
  float *dw;
  float *parts;  // (pixel_parts, rows, k) when pixels are cut
  size_t outputs;
  int32_t turned;         // gradients are on the left, the block is transposed
  struct blocking block;  // of the rows
  size_t rows, columns;   // of one block, at most
  size_t tap_blocks, channel_blocks, column_blocks, blocks, pixel_parts;
  int32_t accumulate;
  const sk_matrix *matrix;
  const struct conv2d_rows *kernels;
  float *workspace;
  size_t gathered_floats, panel_floats, worker_floats;
};

// What one task works on.
struct weight_block {
  int32_t tap, last, channel, width;
  size_t rows, column, columns;
};

static size_t weight_floats(const sk_conv2d *conv) {
  return (size_t)conv->r * (size_t)conv->s * (size_t)conv->c * (size_t)conv->k;
}

static size_t pieces(size_t count, size_t most) { return (count + most - 1) / most; }
static size_t even_piece(size_t count, size_t most) { return pieces(count, pieces(count, most)); }

static void plan(const sk_conv2d *conv, struct weight_sum *sum) {
  size_t taps = (size_t)conv->r * (size_t)conv->s, c = (size_t)conv->c, k = (size_t)conv->k;
  sum->outputs = k;
  sum->turned = k < taps * c;
  size_t most_rows = sum->turned ? MOST_RIGHT : MOST_LEFT, most_columns = sum->turned ? MOST_LEFT : MOST_RIGHT;
  size_t most_taps = c < most_rows ? most_rows / c : 1;
  sum->block = (struct blocking){(int32_t)even_piece(taps, most_taps), (int32_t)even_piece(c, most_rows)};
  sum->tap_blocks = pieces(taps, (size_t)sum->block.taps), sum->channel_blocks = pieces(c, (size_t)sum->block.channels);
  sum->rows = (size_t)sum->block.taps * (size_t)sum->block.channels;
  sum->columns = even_piece(k, most_columns);
  sum->column_blocks = pieces(k, sum->columns);
  sum->blocks = sum->tap_blocks * sum->channel_blocks * sum->column_blocks;
  sum->pixel_parts = pieces(FEWEST_TASKS, sum->blocks);
  size_t rows = round_up(sum->rows, WIDEST_PANEL), columns = round_up(sum->columns, WIDEST_PANEL);
  sum->gathered_floats = PIXELS * rows;
  sum->panel_floats = PIXELS * (sum->turned ? rows : columns);
  sum->worker_floats = sum->gathered_floats + sum->panel_floats + (rows + LINE) * (columns + LINE);
}

size_t sk_gathered_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  struct weight_sum sum = {0};
  plan(conv, &sum);
  size_t parts = sum.pixel_parts > 1 ? sum.pixel_parts * round_up(weight_floats(conv), LINE) : 0;
  return (parts + (size_t)workers * sum.worker_floats) * sizeof(float);
}

static struct weight_block block_at(const struct weight_sum *sum, size_t index) {
  size_t column = index % sum->column_blocks, row = index / sum->column_blocks;
  int32_t tap = (int32_t)(row / sum->channel_blocks) * sum->block.taps;
  int32_t channel = (int32_t)(row % sum->channel_blocks) * sum->block.channels;
  int32_t taps = sum->grid.tap_count - tap, channels = sum->grid.channels - channel;
  struct weight_block block = {.tap = tap, .channel = channel, .column = column * sum->columns};
  block.last = tap + (taps < sum->block.taps ? taps : sum->block.taps);
  block.width = channels < sum->block.channels ? channels : sum->block.channels;
  block.rows = (size_t)(block.last - tap) * (size_t)block.width;
  block.columns = smaller(sum->columns, sum->outputs - block.column);
  return block;
}

// Inputs of pixels [begin, end) as a matrix (pixels x rows), or NULL when all of them are padding.
static const float *inputs_of(
    const struct weight_sum *sum, const struct weight_block *b, size_t begin, size_t end, float *gathered, size_t *pitch) {
  const struct grid *grid = &sum->grid;
  *pitch = b->rows;
  if (sum->activation)
    return sk_gather_activated(grid, sum->kernels, sum->activation, begin, end, b->tap, b->last, b->channel, b->width,
                               gathered)
               ? gathered
               : NULL;
  if (sk_gather_is_identity(grid)) {
    *pitch = (size_t)grid->channels;
    return grid->source + begin * (size_t)grid->channels + b->channel;
  }
  return sk_gather(grid, begin, end, b->tap, b->last, b->channel, b->width, gathered) ? gathered : NULL;
}

// What the chunk of pixels [begin, end) will read, to be fetched while m x n are multiplied.
static sk_fetch fetch_of(
    const struct weight_sum *sum, const struct weight_block *b, size_t begin, size_t end, size_t m, size_t n) {
  size_t channels = (size_t)sum->grid.channels, rows = end - begin;
  sk_fetch fetch = {0};
  fetch.areas[0] = (sk_area){
      .row = sum->dy + begin * sum->outputs + b->column, .rows = rows, .pitch = sum->outputs, .width = b->columns};
  size_t lines = rows * pieces(b->columns, LINE);
  if (sk_gather_is_identity(&sum->grid)) {
    fetch.areas[1] = (sk_area){
        .row = sum->grid.source + begin * channels + b->channel, .rows = rows, .pitch = channels, .width = b->rows};
    lines += rows * pieces(b->rows, LINE);
  }
  fetch.lines_a_block = pieces(lines, pieces(m, LINE) * sk_product_blocks(sum->matrix, LINE, n));
  return fetch;
}

// The block of the result, `own` (m x n, transposed where `turned`), to where it belongs.
static void write_block(
    const struct weight_sum *sum, const struct weight_block *b, const float *own, size_t pitch, float *result,
    int32_t accumulate) {
  size_t outputs = sum->outputs, row_step = sum->turned ? 1 : pitch, column_step = sum->turned ? pitch : 1;
  if (sum->turned && !accumulate && b->rows % 8 == 0 && b->columns % 8 == 0) {
    sum->kernels->transpose(result, outputs, own, pitch, b->columns, b->rows);
    return;
  }
  for (size_t i = 0; i < b->rows; i++)
    for (size_t j = 0; j < b->columns; j++) {
      float value = own[i * row_step + j * column_step], *to = result + i * outputs + j;
      *to = accumulate ? *to + value : value;
    }
}

static void weight_task(void *context, size_t chunk, int32_t worker) {
  const struct weight_sum *sum = context;
  const struct grid *grid = &sum->grid;
  struct weight_block b = block_at(sum, chunk % sum->blocks);
  size_t part = chunk / sum->blocks, channels = (size_t)grid->channels, outputs = sum->outputs;
  size_t floats = round_up((size_t)grid->tap_count * channels * outputs, LINE);
  float *result = sum->parts ? sum->parts + part * floats : sum->dw;
  result += ((size_t)b.tap * channels + (size_t)b.channel) * outputs + b.column;

  float *gathered = sum->workspace + (size_t)worker * sum->worker_floats;
  float *panels = gathered + sum->gathered_floats, *own = panels + sum->panel_floats;
  size_t m = sum->turned ? b.columns : b.rows, n = sum->turned ? b.rows : b.columns, own_pitch = round_up(n, LINE) + LINE;
  size_t pixels = grid_pixels(grid), stop = pixels * (part + 1) / sum->pixel_parts, panel = sum->matrix->panel;
  int32_t started = 0;
  for (size_t begin = pixels * part / sum->pixel_parts, end; begin < stop; begin = end) {
    end = smaller(begin + PIXELS, stop);
    size_t pitch, count = end - begin;
    const float *inputs = inputs_of(sum, &b, begin, end, gathered, &pitch), *dy = sum->dy + begin * outputs + b.column;
    if (!inputs) continue;
    if (sum->turned)
      sum->kernels->to_panels(panels, panel, inputs, pitch, count, n);
    else
      sum->kernels->to_panels(panels, panel, dy, outputs, count, n);
    sk_fetch fetch = fetch_of(sum, &b, end, smaller(end + PIXELS, stop), m, n);
    // A cache line of each pixel at a time.
    const float *left = sum->turned ? dy : inputs;
    for (size_t i = 0; i < m; i += LINE) {
      sk_product q = {
          .m = smaller(LINE, m - i), .n = n, .k = count, .a = left + i, .a_row = sum->turned ? outputs : pitch,
          .b = panels, .b_row = panel, .b_panel = count * panel, .c = own + i * own_pitch, .c_row = own_pitch,
          .accumulate = started, .fetch = &fetch};
      sum->matrix->product_at(&q);
    }
    started = 1;
  }
  if (!started) memset(own, 0, m * own_pitch * sizeof *own);
  write_block(sum, &b, own, own_pitch, result, !sum->parts && sum->accumulate);
}

void sk_gathered_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace) {
  struct tap taps[MOST_TAPS];
  struct weight_sum sum = {
      .grid = sk_forward_grid(conv, x->x, taps), .activation = x->activation.scale ? &x->activation : NULL, .dy = dy,
      .dw = dw, .accumulate = accumulate, .matrix = sk_matrix_of(sk_pool_isa(pool)),
      .kernels = sk_conv2d_rows(sk_pool_isa(pool))};
  plan(conv, &sum);
  size_t count = weight_floats(conv), part_floats = round_up(count, LINE);
  sum.parts = sum.pixel_parts > 1 ? workspace : NULL;
  sum.workspace = (float *)workspace + (sum.parts ? sum.pixel_parts * part_floats : 0);
  sk_parallel_for(pool, sum.blocks * sum.pixel_parts, weight_task, &sum);
  if (sum.parts) sk_add_parts(pool, dw, sum.parts, count, part_floats, sum.pixel_parts, accumulate);
}
