#include <string.h>

#include "conv2d_gathered.h"
#include "sk_gathered.h"

// The forward pass: tiles of pixels, whose taps are copied into a matrix, times packed weights. The gradient of the input is
// made of such products too (conv2d_gathered_input.c).

enum { ROWS = 144, MOST_COLUMNS = 1024, OUTPUTS = 512 };

// Columns gathered at once: all of them, or some taps, or a part of one tap's channels.
static struct blocking column_block(int32_t taps, int32_t channels) {
  if (channels >= MOST_COLUMNS) return (struct blocking){1, MOST_COLUMNS};
  int32_t most = MOST_COLUMNS / channels;
  return (struct blocking){most < taps ? most : taps, channels};
}

static size_t matrix_pitch(int32_t taps, int32_t channels) {
  struct blocking block = column_block(taps, channels);
  return round_up((size_t)block.taps * (size_t)block.channels, LINE);
}

size_t sk_gathered_worker_floats(int32_t taps, int32_t channels, size_t outputs) {
  return ROWS * (matrix_pitch(taps, channels) + round_up(smaller(outputs, OUTPUTS), LINE) + LINE);
}

size_t sk_gathered_tiles(size_t pixels) { return even_pieces(pixels, ROWS); }

static size_t output_pixel(const struct gathered *g, size_t pixel) {
  const struct grid *grid = &g->grid;
  size_t column = pixel % (size_t)grid->columns, row = pixel / (size_t)grid->columns;
  return g->origin + row / (size_t)grid->rows * g->image_pitch + row % (size_t)grid->rows * g->row_pitch +
         column * g->column_pitch;
}

// Copies a block of columns of pixels [begin, end), activated where asked; 0 when all of it is padding.
static int32_t gather_block(
    const struct gathered *g, size_t begin, size_t end, int32_t tap, int32_t last, int32_t channel, int32_t width,
    float *to) {
  const struct grid *grid = &g->grid;
  if (!g->activation) return sk_gather(grid, begin, end, tap, last, channel, width, to);
  if (sk_gather_is_identity(grid)) {
    for (size_t pixel = begin; pixel < end; pixel++)
      g->rows->activate(g->activation, to + (pixel - begin) * (size_t)width,
                        grid->source + pixel * (size_t)grid->channels + channel, (size_t)channel, (size_t)width);
    return 1;
  }
  return sk_gather_activated(grid, g->rows, g->activation, begin, end, tap, last, channel, width, to);
}

// Sums for outputs [first, first + width) of one tile into `sums`, or, with the last block, to their ending. Returns 0 when
// the last block was all padding, so that the ending is still to be done.
static int32_t sum_tile(
    const struct gathered *g, size_t begin, size_t end, size_t first, size_t width, float *gathered, float *sums,
    size_t pitch, int32_t adds, const sk_ending *ending) {
  const struct grid *grid = &g->grid;
  size_t panel = g->matrix->panel, channels = (size_t)grid->channels;
  struct blocking block = column_block(grid->tap_count, grid->channels);
  int32_t started = adds, ended = 0, identity = sk_gather_is_identity(grid) && !g->activation;
  for (int32_t tap = 0; tap < grid->tap_count; tap += block.taps) {
    int32_t last = tap + block.taps < grid->tap_count ? tap + block.taps : grid->tap_count;
    for (int32_t channel = 0; channel < grid->channels; channel += block.channels) {
      int32_t part = grid->channels - channel < block.channels ? grid->channels - channel : block.channels;
      size_t columns = (size_t)(last - tap) * (size_t)part;
      // One block serves all slices of the outputs.
      int32_t kept = first > 0 && columns == g->columns;
      if (!identity && !kept && !gather_block(g, begin, end, tap, last, channel, part, gathered)) continue;
      ended = last == grid->tap_count && channel + part == grid->channels;
      sk_product q = {
          .m = end - begin, .n = width, .k = columns,
          .a = identity ? grid->source + begin * channels + (size_t)channel : gathered,
          .a_row = identity ? channels : columns, .is_far = identity,
          .b = g->packed + first * g->columns + ((size_t)tap * channels + (size_t)channel) * panel, .b_row = panel,
          .b_panel = g->columns * panel, .c = sums, .c_row = pitch, .accumulate = started,
          .ending = ended ? ending : NULL};
      g->matrix->product(&q);
      started = 1;
    }
  }
  for (size_t i = begin; !started && i < end; i++) memset(sums + (i - begin) * pitch, 0, width * sizeof *sums);
  return ended;
}

static void tile_task(void *context, size_t chunk, int32_t worker) {
  const struct gathered *g = context;
  const sk_conv2d_output *out = g->out;
  size_t pixels = grid_pixels(&g->grid);
  size_t begin = pixels * chunk / g->tiles, end = pixels * (chunk + 1) / g->tiles;
  float *gathered = g->workspace + (size_t)worker * g->worker_floats;
  float *buffer = gathered + ROWS * matrix_pitch(g->grid.tap_count, g->grid.channels);
  double *totals = NULL;
  if (out->sums != SK_NO_SUMS) {
    totals = out->partial + (g->sum_task + chunk) * 2 * g->outputs;
    memset(totals, 0, 2 * g->outputs * sizeof *totals);
  }
  // Neighbouring pixels go straight to where they belong: plain sums as they are, others at the end of the products.
  int32_t plain = !out->bias && !out->residual && !out->rectify && !out->streams && out->sums == SK_NO_SUMS;
  int32_t ends = g->contiguous && g->outputs % LINE == 0;
  size_t target = output_pixel(g, begin);
  for (size_t first = 0; first < g->outputs; first += OUTPUTS) {
    size_t width = smaller(OUTPUTS, g->outputs - first);
    if (g->contiguous && plain) {
      float *y = out->y + target * g->outputs + first;
      sum_tile(g, begin, end, first, width, gathered, y, g->outputs, out->accumulate, NULL);
      continue;
    }
    size_t pitch = round_up(width, LINE) + LINE;
    sk_ending ending = {out, target * g->outputs + first, g->outputs, first, totals};
    if (sum_tile(g, begin, end, first, width, gathered, buffer, pitch, 0, ends ? &ending : NULL) && ends) continue;
    if (g->contiguous)
      g->rows->finish(out, buffer, pitch, target, end - begin, first, width, g->outputs, totals);
    else
      for (size_t i = begin; i < end; i++)
        g->rows->finish(out, buffer + (i - begin) * pitch, pitch, output_pixel(g, i), 1, first, width, g->outputs, totals);
  }
}

void sk_gathered_product(sk_pool *pool, struct gathered *g) {
  g->matrix = sk_matrix_of(sk_pool_isa(pool));
  g->rows = sk_conv2d_rows(sk_pool_isa(pool));
  g->tiles = sk_gathered_tiles(grid_pixels(&g->grid));
  sk_parallel_for(pool, g->tiles, tile_task, g);
  g->sum_task += g->tiles;
}

// MARK: Weights

struct packing {
  const sk_matrix *matrix;
  const struct conv2d_rows *kernels;
  const float *weight;
  float *packed;
  size_t rows, outputs;
};

static void pack_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct packing *p = context;
  size_t panel = p->matrix->panel;
  size_t first = chunk * panel;
  p->kernels->to_panels(
      p->packed + p->rows * first, panel, p->weight + first, p->outputs, p->rows, smaller(panel, p->outputs - first));
}

static size_t taps_channels(const sk_conv2d *conv) { return (size_t)conv->r * (size_t)conv->s * (size_t)conv->c; }

size_t sk_gathered_weight_floats(const sk_conv2d *conv) { return packed_floats(taps_channels(conv), (size_t)conv->k); }

void sk_gathered_weights(sk_pool *pool, const sk_conv2d *conv, const float *weight, float *packed) {
  int32_t isa = sk_pool_isa(pool);
  struct packing p = {sk_matrix_of(isa), sk_conv2d_rows(isa), weight, packed, taps_channels(conv), (size_t)conv->k};
  sk_parallel_for(pool, panels_of(p.matrix, p.outputs), pack_task, &p);
}

// MARK: Forward

size_t sk_gathered_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers) {
  size_t floats = (size_t)workers * sk_gathered_worker_floats(conv->r * conv->s, conv->c, (size_t)conv->k);
  return (floats + (prepared ? 0 : sk_gathered_weight_floats(conv))) * sizeof(float);
}

size_t sk_gathered_sum_tasks(const sk_conv2d *conv) {
  return sk_gathered_tiles((size_t)conv->n * (size_t)conv->p * (size_t)conv->q);
}

void sk_gathered_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *packed, void *workspace) {
  struct tap taps[MOST_TAPS];
  float *scratch = workspace;
  if (!packed) {
    sk_gathered_weights(pool, conv, weight, scratch);
    packed = scratch;
    scratch += sk_gathered_weight_floats(conv);
  }
  struct gathered g = {
      .grid = sk_forward_grid(conv, x->x, taps), .activation = x->activation.scale ? &x->activation : NULL,
      .packed = packed, .columns = taps_channels(conv), .outputs = (size_t)conv->k, .out = y, .contiguous = 1,
      .image_pitch = (size_t)conv->p * (size_t)conv->q, .row_pitch = (size_t)conv->q, .column_pitch = 1,
      .workspace = scratch, .worker_floats = sk_gathered_worker_floats(conv->r * conv->s, conv->c, (size_t)conv->k)};
  sk_gathered_product(pool, &g);
}
