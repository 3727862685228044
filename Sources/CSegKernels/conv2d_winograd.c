#include <string.h>

#include "conv2d_winograd.h"
#include "conv2d_winograd_sizes.h"
#include "matrix.h"
#include "sk_winograd.h"
#include "winograd_transforms.h"

// The forward pass; the gradient of the input is one too (conv2d_winograd_input.c).
//
// Few channels: each task takes a block of tiles from input to output, and everything between stays in its own cache.
// Many channels: the weights are what is large, so all threads transform many tiles once. Then, a slice of the outputs
// after the other, each task transforms a part of the weights into its own cache and multiplies by it at once, and the
// slice is transformed back.

enum {
  PRODUCT_ROWS = 288,
  SHORT_SPAN = 64  // transforms back enlarge rounding errors of sums: kept short, a third of them is left
};

// What a pass needs to know, with sizes that follow from it.
struct pass {
  struct tiling tiling;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  const struct winograd_weights *weights;
  size_t c, k;
  int32_t is_private;
  const sk_conv2d_input *x;
  const sk_conv2d_output *y;

  // The class and range of tiles at work.
  const struct tile_class *class;
  size_t first, tiles, pieces;
  size_t channel, channels;  // the block of channels at work
  size_t output, outputs;    // the slice of outputs at work
  const float *u;            // weights of all outputs and channels; NULL: tasks transform what they need
  size_t u_product;
  struct products v, m;
  float *scratch;
  size_t worker_floats, v_floats;
  size_t sum_task;
  struct raw_weights raw;  // to be transformed
  float *u_out;            // where to
};

// MARK: Weights

// A panel of one row of products.
static void weight_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pass *pass = context;
  size_t panel = pass->matrix->panel, panels = panels_of(pass->matrix, pass->k);
  size_t columns = (size_t)sk_segment_products[pass->class->column_kind], row = chunk / panels, block = chunk % panels;
  pass->weights->transformed(
      pass->class, row, &pass->raw, block * panel, panel, 0, pass->c,
      pass->u_out + row * columns * pass->u_product + block * panel * pass->c, pass->u_product);
}

// Weights of all products of the class at work.
static void transform_weights(sk_pool *pool, struct pass *pass, float *u) {
  pass->u_out = u;
  size_t rows = (size_t)sk_segment_products[pass->class->row_kind];
  sk_parallel_for(pool, rows * panels_of(pass->matrix, pass->k), weight_task, pass);
  pass->u = u;
}

static struct pass begin(sk_pool *pool, const sk_conv2d *conv, int32_t exact, int32_t *tables) {
  size_t c = (size_t)conv->c, k = (size_t)conv->k;
  int32_t isa = sk_pool_isa(pool);
  return (struct pass){
      .tiling = sk_tile(conv, exact, tables), .matrix = sk_matrix_of(isa),
      .transforms = sk_winograd_transforms(isa), .weights = sk_winograd_weights_of(isa), .c = c, .k = k,
      .is_private = stays_private(c, k), .channels = c, .outputs = k, .u_product = weight_pitch(c, k)};
}

void sk_winograd_weights(sk_pool *pool, const sk_conv2d *conv, int32_t exact, const float *weight, float *u) {
  struct pass pass = begin(pool, conv, exact, NULL);
  pass.raw = (struct raw_weights){weight, pass.c, pass.k, 0};
  for (int32_t i = 0; i < pass.tiling.class_count; i++) {
    pass.class = &pass.tiling.classes[i];
    transform_weights(pool, &pass, u);
    u += pass.class->products * pass.u_product;
  }
}

// MARK: Multiplying

// Sums of a piece, cleared for outputs [first, first + count).
static double *sums_of(const struct pass *pass, size_t piece, size_t first, size_t count) {
  if (pass->y->sums == SK_NO_SUMS) return NULL;
  double *sums = pass->y->partial + (pass->sum_task + piece) * 2 * pass->k;
  memset(sums + first, 0, count * sizeof *sums);
  memset(sums + pass->k + first, 0, count * sizeof *sums);
  return sums;
}

static struct tile_range piece_of(const struct pass *pass, size_t piece) {
  size_t begin = pass->tiles * piece / pass->pieces, end = pass->tiles * (piece + 1) / pass->pieces;
  return (struct tile_range){.class = pass->class, .tile = pass->first + begin, .tiles = end - begin};
}

// Products with weights `u` of outputs from the first of a panel on, of rows at `v`, into `m`. The panels of u hold
// `u_channels` channels, the first of them at work. `ahead`: the weights of the next product where they have to come from
// memory, or NULL.
static void multiply(
    const struct pass *pass, size_t product, const float *v, size_t rows, const float *u, size_t u_channels,
    size_t outputs, const float *ahead, float *m) {
  size_t panel = pass->matrix->panel;
  sk_product q = {
      .m = rows, .n = outputs, .k = pass->channels, .a = v + product * pass->v.product_pitch, .a_row = pass->v.tile_pitch,
      .is_far = !pass->is_private, .span = SHORT_SPAN,
      .b = u, .b_row = panel, .b_panel = u_channels * panel, .c = m + product * pass->m.product_pitch,
      .c_row = pass->m.tile_pitch, .accumulate = pass->channel > 0,
      .ahead = ahead, .ahead_floats = round_up(outputs, panel) * pass->channels};
  pass->matrix->product(&q);
}

static void private_task(void *context, size_t piece, int32_t worker) {
  const struct pass *pass = context;
  float *v = pass->scratch + (size_t)worker * pass->worker_floats, *m = v + pass->v_floats;
  struct tile_range range = piece_of(pass, piece);
  double *sums = sums_of(pass, piece, 0, pass->k);
  range.all = range.channels = pass->c;
  pass->transforms->inputs(&range, pass->x, sk_product_rows(v, pass->v.product_pitch, pass->v.tile_pitch));
  range.all = pass->k;
  for (size_t output = 0; output < pass->k; output += OUTPUT_SLICE) {
    range.channel = output;
    range.channels = smaller(OUTPUT_SLICE, pass->k - output);
    for (size_t product = 0; product < pass->class->products; product++)
      multiply(pass, product, v, range.tiles, pass->u + product * pass->u_product + output * pass->c, pass->c,
               range.channels, NULL, m);
    pass->transforms->outputs(&range, pass->y, sk_product_rows(m, pass->m.product_pitch, pass->m.tile_pitch), sums);
  }
}

static void input_task(void *context, size_t piece, int32_t worker) {
  (void)worker;
  const struct pass *pass = context;
  struct tile_range range = piece_of(pass, piece);
  range.all = pass->c, range.channel = pass->channel, range.channels = pass->channels;
  struct products v = pass->v;
  v.values += (range.tile - pass->first) * v.tile_pitch;
  pass->transforms->inputs(&range, pass->x, v);
}

// One row of products of a part of the slice.
static void product_task(void *context, size_t chunk, int32_t worker) {
  const struct pass *pass = context;
  size_t panel = pass->matrix->panel, columns = (size_t)sk_segment_products[pass->class->column_kind];
  size_t parts = (pass->outputs + OUTPUT_SLICE - 1) / OUTPUT_SLICE, row = chunk / parts;
  size_t first = chunk % parts * OUTPUT_SLICE, outputs = smaller(OUTPUT_SLICE, pass->outputs - first);
  size_t output = pass->output + first, channels, pitch;
  const float *u;
  if (pass->u) {
    channels = pass->c, pitch = pass->u_product;
    u = pass->u + row * columns * pitch + output * channels + pass->channel * panel;
  } else {
    float *own = pass->u_out + (size_t)worker * task_weight_floats(pass->c);
    channels = pass->channels, pitch = weight_pitch(channels, OUTPUT_SLICE), u = own;
    for (size_t part = 0; part < outputs; part += panel)
      pass->weights->transformed(pass->class, row, &pass->raw, output + part, panel, pass->channel, channels,
                                 own + part * channels, pitch);
  }
  size_t pieces = (pass->tiles + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
  for (size_t column = 0; column < columns; column++)
    for (size_t piece = 0; piece < pieces; piece++) {
      size_t begin = pass->tiles * piece / pieces, end = pass->tiles * (piece + 1) / pieces;
      const float *ahead = pass->u && piece == 0 && column + 1 < columns ? u + (column + 1) * pitch : NULL;
      multiply(pass, row * columns + column, pass->v.values + begin * pass->v.tile_pitch, end - begin, u + column * pitch,
               channels, outputs, ahead, pass->m.values + begin * pass->m.tile_pitch + first);
    }
}

static void output_task(void *context, size_t piece, int32_t worker) {
  (void)worker;
  const struct pass *pass = context;
  struct tile_range range = piece_of(pass, piece);
  range.all = pass->k, range.channel = pass->output, range.channels = pass->outputs;
  struct products m = pass->m;
  m.values += (range.tile - pass->first) * m.tile_pitch;
  pass->transforms->outputs(&range, pass->y, m, sums_of(pass, piece, pass->output, pass->outputs));
}

static void run_private(sk_pool *pool, struct pass *pass) {
  pass->first = 0, pass->tiles = pass->class->tiles;
  pass->v = sk_product_rows(NULL, product_pitch(BLOCK_TILES * (pass->c + PAD)), pass->c + PAD);
  pass->m = sk_product_rows(NULL, product_pitch(BLOCK_TILES * (OUTPUT_SLICE + PAD)), OUTPUT_SLICE + PAD);
  pass->v_floats = private_v_floats(pass->class->products, pass->c);
  pass->worker_floats = private_floats(pass->class->products, pass->c);
  pass->pieces = even_pieces(pass->tiles, BLOCK_TILES);
  sk_parallel_for(pool, pass->pieces, private_task, pass);
  pass->sum_task += pass->pieces;
}

// One slice of the outputs after the other, of the tiles and channels whose inputs are at hand.
static void run_slices(sk_pool *pool, struct pass *pass) {
  int32_t is_last = pass->channel + pass->channels == pass->c;
  size_t rows = (size_t)sk_segment_products[pass->class->row_kind];
  float *products = pass->m.values;
  for (pass->output = 0; pass->output < pass->k; pass->output += SHARED_SLICE) {
    pass->outputs = smaller(SHARED_SLICE, pass->k - pass->output);
    pass->m.values = products + (kept_outputs(pass->c, pass->k) > SHARED_SLICE ? pass->output : 0);
    size_t parts = (pass->outputs + OUTPUT_SLICE - 1) / OUTPUT_SLICE;
    sk_parallel_for(pool, rows * parts, product_task, pass);
    pass->pieces = even_pieces(pass->tiles, BLOCK_TILES);
    if (is_last) sk_parallel_for(pool, pass->pieces, output_task, pass);
  }
  pass->m.values = products;
}

static void run_shared(sk_pool *pool, struct pass *pass) {
  const struct tile_class *class = pass->class;
  size_t range = range_tiles(class, pass->c, pass->k), block = smaller(pass->c, CHANNEL_BLOCK);
  size_t kept = kept_outputs(pass->c, pass->k);
  pass->v = sk_product_rows(pass->scratch, product_pitch(range * (block + PAD)), block + PAD);
  pass->m = sk_product_rows(
      pass->scratch + class->products * pass->v.product_pitch, product_pitch(range * (kept + PAD)), kept + PAD);
  for (pass->first = 0; pass->first < class->tiles; pass->first += range) {
    pass->tiles = smaller(range, class->tiles - pass->first);
    for (pass->channel = 0; pass->channel < pass->c; pass->channel += block) {
      pass->channels = smaller(block, pass->c - pass->channel);
      pass->pieces = even_pieces(pass->tiles, BLOCK_TILES / 3);
      sk_parallel_for(pool, pass->pieces, input_task, pass);
      run_slices(pool, pass);
    }
    pass->sum_task += pass->pieces;
  }
}

// `u`: transformed weights of all classes, or NULL: then they are transformed when they are needed.
static void run(sk_pool *pool, struct pass *pass, const float *u, float *workspace) {
  for (int32_t i = 0; i < pass->tiling.class_count; i++) {
    pass->class = &pass->tiling.classes[i];
    pass->channel = pass->output = 0, pass->channels = pass->c, pass->outputs = pass->k;
    pass->scratch = workspace;
    pass->u = u, pass->u_out = workspace;
    if (u)
      u += pass->class->products * pass->u_product;
    else if (pass->is_private)
      pass->scratch += pass->class->products * pass->u_product;
    else
      pass->scratch += (size_t)sk_pool_threads(pool) * task_weight_floats(pass->c);
    if (pass->is_private) {
      if (!u) transform_weights(pool, pass, workspace);
      run_private(pool, pass);
    } else {
      run_shared(pool, pass);
    }
  }
}

void sk_winograd_pass(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *y, const sk_conv2d_input *x,
    struct raw_weights raw, const float *u, void *workspace) {
  struct pass pass = begin(pool, conv, exact, workspace);
  pass.x = x, pass.y = y, pass.raw = raw;
  run(pool, &pass, u, (float *)workspace + table_floats(conv));
}

void sk_winograd_forward(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *y, const sk_conv2d_input *x,
    const float *weight, const float *u, void *workspace) {
  struct raw_weights raw = {weight, (size_t)conv->c, (size_t)conv->k, 0};
  sk_winograd_pass(pool, conv, exact, y, x, raw, u, workspace);
}
