#include "matrix.h"
#include "sk_winograd.h"
#include "winograd_blocks.h"
#include "winograd_transforms.h"

// Gradient of the weights: inputs and spread gradients of many tiles are transformed by all threads; then each task
// sums all products of one block of the weights over these tiles, keeps them in its own cache and transforms them back.

enum { ROWS = 32, COLUMNS = 64, LEFT_PANEL = 16, TRANSFORM_TILES = 8, SHARED_BYTES = 12 << 20 };

struct sums {
  const sk_conv2d *conv;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  size_t c, k;
  const sk_conv2d_input *x;
  const float *dy;
  float *dw;
  int32_t accumulate;

  const struct tile_class *class;
  size_t first, tiles, pieces;
  size_t channel, channels;
  struct products v, z;
  size_t columns, column_blocks;  // of one block of weights
  float *scratch;
  size_t worker_floats;
};

// Small weights are cut finer, so that there is work for several threads.
static size_t block_columns(size_t c, size_t k) { return c * k <= 64 * 64 ? COLUMNS / 2 : COLUMNS; }

static size_t worker_floats(size_t products) { return products * product_pitch(ROWS * (COLUMNS + PAD)); }

static size_t range_tiles(const struct tile_class *class, size_t c, size_t k) {
  return shared_tiles(class->tiles, class->products, c, k, SHARED_BYTES);
}

static size_t table_floats(const sk_conv2d *conv) { return round_up(sk_tiling_integers(conv), LINE); }

size_t sk_winograd_weight_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t c = (size_t)conv->c, k = (size_t)conv->k, most = 0;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    const struct tile_class *class = &tiling.classes[i];
    size_t tiles = range_tiles(class, c, k);
    size_t floats = class->products * (product_pitch(tiles * smaller(c, CHANNEL_BLOCK)) +
                                       product_pitch(tiles * round_up(k, WIDEST_PANEL)));
    if (floats > most) most = floats;
  }
  return (table_floats(conv) + most + (size_t)workers * worker_floats(tiling.most_products)) * sizeof(float);
}

// The first half of the pieces transforms inputs, the second gradients.
static void transform_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct sums *sums = context;
  size_t piece = chunk % sums->pieces;
  size_t begin = sums->tiles * piece / sums->pieces, end = sums->tiles * (piece + 1) / sums->pieces;
  struct tile_range range = {.class = sums->class, .tile = sums->first + begin, .tiles = end - begin};
  if (chunk < sums->pieces) {
    range.all = sums->c, range.channel = sums->channel, range.channels = sums->channels;
    struct products v = sums->v;
    v.values += begin * v.tile_pitch;
    sums->transforms->inputs(&range, sums->x, v);
  } else {
    range.all = range.channels = sums->k;
    struct products z = sums->z;
    z.values += begin * z.tile_pitch;
    sums->transforms->spread(&range, sums->dy, z);
  }
}

static void block_task(void *context, size_t chunk, int32_t worker) {
  const struct sums *sums = context;
  size_t row = chunk / sums->column_blocks * ROWS, column = chunk % sums->column_blocks * sums->columns;
  size_t rows = smaller(ROWS, sums->channels - row), columns = smaller(sums->columns, sums->k - column);
  struct products u = sk_product_rows(
      sums->scratch + (size_t)worker * sums->worker_floats, product_pitch(ROWS * (COLUMNS + PAD)), COLUMNS + PAD);
  for (size_t product = 0; product < sums->class->products; product++)
    for (size_t part = 0; part < rows; part += LEFT_PANEL) {
      sk_product q = {
          .m = LEFT_PANEL, .n = columns, .k = sums->tiles,
          .a = sums->v.values + product * sums->v.product_pitch + (row + part) / LEFT_PANEL * sums->v.panel_pitch,
          .a_row = LEFT_PANEL,
          .b = sums->z.values + product * sums->z.product_pitch + column / sums->z.panel * sums->z.panel_pitch,
          .b_row = sums->z.panel, .b_panel = sums->z.panel_pitch,
          .c = u.values + product * u.product_pitch + part * u.tile_pitch, .c_row = u.tile_pitch};
      sums->matrix->product_at(&q);
    }
  sums->transforms->weights_transposed(
      sums->class, u, rows, columns, sums->dw + (sums->channel + row) * sums->k + column, sums->c, sums->k,
      sums->accumulate);
}

static void add_class(sk_pool *pool, struct sums *sums, float *workspace) {
  size_t range = range_tiles(sums->class, sums->c, sums->k), block = smaller(sums->c, CHANNEL_BLOCK);
  size_t panel = sums->matrix->panel;
  sums->v = sk_product_panels(workspace, product_pitch(range * block), LEFT_PANEL, range);
  sums->z = sk_product_panels(
      workspace + sums->class->products * sums->v.product_pitch, product_pitch(range * round_up(sums->k, panel)), panel, range);
  for (sums->first = 0; sums->first < sums->class->tiles; sums->first += range) {
    sums->tiles = smaller(range, sums->class->tiles - sums->first);
    sums->pieces = even_pieces(sums->tiles, TRANSFORM_TILES);
    for (sums->channel = 0; sums->channel < sums->c; sums->channel += block) {
      sums->channels = smaller(block, sums->c - sums->channel);
      sk_parallel_for(pool, sums->channel == 0 ? 2 * sums->pieces : sums->pieces, transform_task, sums);
      size_t row_blocks = (sums->channels + ROWS - 1) / ROWS;
      sk_parallel_for(pool, row_blocks * sums->column_blocks, block_task, sums);
    }
    sums->accumulate = 1;
  }
}

void sk_winograd_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, float *dw, const sk_conv2d_input *x, const float *dy,
    int32_t accumulate, void *workspace) {
  int32_t isa = sk_pool_isa(pool);
  struct tiling tiling = sk_tile(conv, exact, workspace);
  size_t c = (size_t)conv->c, k = (size_t)conv->k;
  struct sums sums = {
      .conv = conv, .matrix = sk_matrix_of(isa), .transforms = sk_winograd_transforms(isa), .c = c, .k = k, .x = x,
      .dy = dy, .dw = dw, .accumulate = accumulate, .columns = block_columns(c, k), .worker_floats = worker_floats(tiling.most_products)};
  sums.column_blocks = (k + sums.columns - 1) / sums.columns;
  sums.scratch = (float *)workspace + table_floats(conv);
  float *rest = sums.scratch + (size_t)sk_pool_threads(pool) * sums.worker_floats;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    sums.class = &tiling.classes[i];
    add_class(pool, &sums, rest);
  }
}
