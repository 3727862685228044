#include "matrix.h"
#include "sk_winograd.h"
#include "streaming.h"
#include "weight_parts.h"
#include "winograd_blocks.h"
#include "winograd_transforms.h"
#include "winograd_weights.h"

// Gradient of the weights: inputs and spread gradients of a range of tiles are transformed; then each block of the
// weights sums all its products over these tiles, keeps them in the second-level cache and transforms them back.
//
// Small weights: tiles are cut into parts, each a task with ranges and a sum of its own, so that what one thread
// has transformed it multiplies itself. Large weights: all threads transform a range together, then share its blocks.

enum {
  ROWS = 32,
  COLUMNS = 64,
  LEFT_PANEL = 16,
  TRANSFORM_TILES = 8,
  SHARED_BYTES = 12 << 20,
  PART_BYTES = 5 << 20,
  MOST_PARTS = 8,
  PART_TILES = 48,          // a part has at least about so many: its sums are transformed back once a range
  PART_WEIGHTS = 256 * 256  // up to so many channel pairs, parts keep sums of their own
};

struct sums {
  sk_pool *pool;  // NULL: on the calling thread alone
  int32_t worker;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  const struct winograd_weights *weights;
  const struct tiling *tiling;
  size_t c, k, parts;
  const sk_conv2d_input *x;
  const float *dy;
  float *dw;
  int32_t accumulate, streams;

  const struct tile_class *class;
  size_t first, tiles, pieces;
  size_t channel, channels;
  struct products v, z;
  size_t columns, column_blocks;  // of one block of weights
  float *block_sums;
  size_t worker_floats;
};

// MARK: Sizes

// Parts the tiles are cut into; 0: all threads share them. Parts write, read and add up weights of their own; shared tiles
// pass what has been transformed from one core to the other. What moves less memory is faster.
static size_t part_count(const struct tiling *tiling, size_t c, size_t k) {
  size_t tiles = 0, passed = 0;
  for (int32_t i = 0; i < tiling->class_count; i++) {
    tiles += tiling->classes[i].tiles;
    passed += tiling->classes[i].tiles * tiling->classes[i].products * (c + k);
  }
  size_t parts = smaller(tiles / PART_TILES, MOST_PARTS), added = (2 * parts + 1) * 9 * c * k;
  return c * k > PART_WEIGHTS || passed < added || parts < 2 ? 0 : parts;
}

// Small weights are cut finer, so that there is work for several threads.
static size_t block_columns(size_t c, size_t k) { return c * k <= 64 * 64 ? COLUMNS / 2 : COLUMNS; }

static size_t block_floats(size_t products) { return products * product_pitch(ROWS * (COLUMNS + PAD)); }

static size_t range_tiles(const struct tile_class *class, size_t parts, size_t c, size_t k) {
  if (!parts) return shared_tiles(class->tiles, class->products, c, k, SHARED_BYTES);
  size_t most = PART_BYTES / sizeof(float) / (class->products * (c + k));
  size_t tiles = (class->tiles + parts - 1) / parts, ranges = (tiles + most - 1) / most;
  return (tiles + ranges - 1) / ranges;
}

static size_t range_floats(const struct tile_class *class, size_t parts, size_t c, size_t k) {
  size_t tiles = range_tiles(class, parts, c, k);
  return class->products *
         (product_pitch(tiles * smaller(c, CHANNEL_BLOCK)) + product_pitch(tiles * round_up(k, WIDEST_PANEL)));
}

static size_t most_range_floats(const struct tiling *tiling, size_t c, size_t k) {
  size_t most = 0;
  for (int32_t i = 0; i < tiling->class_count; i++) {
    size_t floats = range_floats(&tiling->classes[i], part_count(tiling, c, k), c, k);
    if (floats > most) most = floats;
  }
  return most;
}

static size_t table_floats(const sk_conv2d *conv) { return round_up(sk_tiling_integers(conv), LINE); }

size_t sk_winograd_weight_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t c = (size_t)conv->c, k = (size_t)conv->k, ranges = most_range_floats(&tiling, c, k), threads = (size_t)workers;
  size_t floats = table_floats(conv) + threads * block_floats(tiling.most_products);
  size_t parts = part_count(&tiling, c, k);
  floats += parts ? threads * ranges + parts * 9 * c * k : ranges;
  return floats * sizeof(float);
}

// MARK: One range of tiles

static void for_all(const struct sums *sums, size_t chunks, sk_task task) {
  if (sums->pool) {
    sk_parallel_for(sums->pool, chunks, task, (void *)sums);
    return;
  }
  for (size_t chunk = 0; chunk < chunks; chunk++) task((void *)sums, chunk, sums->worker);
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
      sums->block_sums + (size_t)worker * sums->worker_floats, product_pitch(ROWS * (COLUMNS + PAD)), COLUMNS + PAD);
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
  sums->weights->transposed(
      sums->class, u, rows, columns, sums->dw + (sums->channel + row) * sums->k + column, sums->c, sums->k,
      sums->accumulate, sums->streams);
}

// Tiles [begin, end) of the class at work.
static void add_tiles(struct sums *sums, size_t begin, size_t end, float *memory) {
  const struct tile_class *class = sums->class;
  size_t range = range_tiles(class, sums->parts, sums->c, sums->k), block = smaller(sums->c, CHANNEL_BLOCK);
  size_t panel = sums->matrix->panel;
  sums->v = sk_product_panels(memory, product_pitch(range * block), LEFT_PANEL, range);
  sums->z = sk_product_panels(
      memory + class->products * sums->v.product_pitch, product_pitch(range * round_up(sums->k, panel)), panel, range);
  for (sums->first = begin; sums->first < end; sums->first += range) {
    sums->tiles = smaller(range, end - sums->first);
    sums->pieces = even_pieces(sums->tiles, TRANSFORM_TILES);
    for (sums->channel = 0; sums->channel < sums->c; sums->channel += block) {
      sums->channels = smaller(block, sums->c - sums->channel);
      for_all(sums, sums->channel == 0 ? 2 * sums->pieces : sums->pieces, transform_task);
      for_all(sums, (sums->channels + ROWS - 1) / ROWS * sums->column_blocks, block_task);
    }
    sums->accumulate = 1;
  }
}

// MARK: Parts

struct parts {
  struct sums sums;
  float *memory, *weights;
  size_t range_floats;
};

static void part_task(void *context, size_t part, int32_t worker) {
  const struct parts *parts = context;
  struct sums sums = parts->sums;
  size_t floats = 9 * sums.c * sums.k;
  sums.pool = NULL, sums.worker = worker;
  sums.dw = parts->weights + part * floats, sums.accumulate = 0;
  for (int32_t i = 0; i < sums.tiling->class_count; i++) {
    sums.class = &sums.tiling->classes[i];
    size_t tiles = sums.class->tiles;
    add_tiles(&sums, tiles * part / sums.parts, tiles * (part + 1) / sums.parts,
              parts->memory + (size_t)worker * parts->range_floats);
  }
  if (sums.accumulate) return;
  for (size_t i = 0; i < floats; i++) sums.dw[i] = 0;
}

void sk_winograd_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, float *dw, const sk_conv2d_input *x, const float *dy,
    int32_t accumulate, void *workspace) {
  int32_t isa = sk_pool_isa(pool);
  struct tiling tiling = sk_tile(conv, exact, workspace);
  size_t c = (size_t)conv->c, k = (size_t)conv->k, threads = (size_t)sk_pool_threads(pool);
  struct sums sums = {
      .pool = pool, .matrix = sk_matrix_of(isa), .transforms = sk_winograd_transforms(isa),
      .weights = sk_winograd_weights_of(isa), .tiling = &tiling, .c = c, .k = k, .parts = part_count(&tiling, c, k), .x = x,
      .dy = dy, .dw = dw, .accumulate = accumulate, .columns = block_columns(c, k),
      .worker_floats = block_floats(tiling.most_products)};
  sums.column_blocks = (k + sums.columns - 1) / sums.columns;
  sums.block_sums = (float *)workspace + table_floats(conv);
  float *memory = sums.block_sums + threads * sums.worker_floats;
  if (sums.parts) {
    struct parts parts = {
        .sums = sums, .memory = memory, .range_floats = most_range_floats(&tiling, c, k)};
    parts.weights = memory + threads * parts.range_floats;
    sk_parallel_for(pool, sums.parts, part_task, &parts);
    sk_add_parts(pool, dw, parts.weights, 9 * c * k, 9 * c * k, sums.parts, accumulate);
    return;
  }
  for (int32_t i = 0; i < tiling.class_count; i++) {
    sums.class = &tiling.classes[i];
    // Written once, and not to be read before the whole backward pass is over.
    int32_t is_all = tiling.class_count == 1 && range_tiles(sums.class, 0, c, k) == sums.class->tiles;
    sums.streams = is_all && !accumulate && sk_streams(dw, 9 * c, k);
    add_tiles(&sums, 0, sums.class->tiles, memory);
  }
}
