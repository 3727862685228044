#include <string.h>

#include "matrix.h"
#include "sk_winograd.h"
#include "winograd_blocks.h"
#include "winograd_transforms.h"

// Forward pass and gradient of the input: the latter is the former with dy for x and the weights turned around.
//
// Few channels: each task takes a block of tiles from input to output, and everything between stays in its own cache.
// Many channels: the weights are what is large, so all threads transform many tiles once; then, a slice of the outputs
// after the other, they transform weights, multiply, and transform back, in memory that stays in the last-level cache.

int32_t sk_winograd_fits(const sk_conv2d *conv) {
  return conv->r == 3 && conv->s == 3 && conv->stride == 1 && conv->padding == conv->dilation && conv->c % 16 == 0 &&
         conv->k % 16 == 0;
}

sk_winograd_cost sk_winograd_costs(const sk_conv2d *conv, int32_t exact) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  sk_winograd_cost cost = {0};
  for (int32_t i = 0; i < tiling.class_count; i++) {
    cost.product_rows += tiling.classes[i].products * tiling.classes[i].tiles;
    cost.tiles += tiling.classes[i].tiles;
    cost.products += tiling.classes[i].products;
  }
  return cost;
}

// What a pass needs to know, with sizes that follow from it.
struct pass {
  sk_conv2d conv;
  int32_t exact;
  struct tiling tiling;
  const sk_matrix *matrix;
  const struct winograd_transforms *transforms;
  size_t c, k;
  int32_t is_private;
  const sk_conv2d_input *x;
  const sk_conv2d_output *y;

  // The class and range of tiles at work.
  const struct tile_class *class;
  size_t first, tiles, pieces;
  size_t channel, channels;  // the block of channels at work
  size_t slice;
  size_t output, outputs;    // the slice of outputs at work
  const float *u;            // weights at work: of outputs from u_output and channels from u_channel on
  size_t u_product, u_output, u_channel, u_channels;
  struct products v, m;
  float *scratch;
  size_t worker_floats, v_floats;
  size_t row_pieces;
  size_t sum_task;
  // Weights to be transformed, and where to.
  const float *weight;
  float *u_out;
};

enum {
  SHARED_BYTES = 64 << 20,
  SHARED_SLICE = 128,  // outputs computed together by all threads
  PRODUCT_ROWS = 144,
  WEIGHT_CHANNELS = 64
};

static int32_t stays_private(size_t c, size_t k) { return c <= PRIVATE_CHANNELS && k <= PRIVATE_CHANNELS; }

static size_t weight_pitch(size_t c, size_t k) { return product_pitch(round_up(k, WIDEST_PANEL) * c); }

static size_t table_floats(const sk_conv2d *conv) { return round_up(sk_tiling_integers(conv), LINE); }

// MARK: Weights

static size_t channel_pieces(size_t channels) { return (channels + WEIGHT_CHANNELS - 1) / WEIGHT_CHANNELS; }

static void weight_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pass *pass = context;
  size_t panel = pass->matrix->panel, pieces = channel_pieces(pass->channels);
  size_t block = chunk / pieces, channel = chunk % pieces * WEIGHT_CHANNELS;
  pass->transforms->weights(
      pass->class, pass->weight, pass->c, pass->k, pass->output + block * panel, panel, pass->channel + channel,
      smaller(WEIGHT_CHANNELS, pass->channels - channel), pass->u_out + (block * pass->channels + channel) * panel,
      pass->u_product);
}

// Weights of the outputs and channels at work.
static void transform_weights(sk_pool *pool, struct pass *pass, float *u) {
  pass->u_out = u;
  sk_parallel_for(pool, panels_of(pass->matrix, pass->outputs) * channel_pieces(pass->channels), weight_task, pass);
  pass->u = u;
  pass->u_output = pass->output, pass->u_channel = pass->channel, pass->u_channels = pass->channels;
}

size_t sk_winograd_weight_floats(const sk_conv2d *conv, int32_t exact) {
  return sk_winograd_costs(conv, exact).products * weight_pitch((size_t)conv->c, (size_t)conv->k);
}

static struct pass begin(sk_pool *pool, const sk_conv2d *conv, int32_t exact, int32_t *tables) {
  size_t c = (size_t)conv->c, k = (size_t)conv->k;
  int32_t isa = sk_pool_isa(pool);
  return (struct pass){
      .conv = *conv, .exact = exact, .tiling = sk_tile(conv, exact, tables), .matrix = sk_matrix_of(isa),
      .transforms = sk_winograd_transforms(isa), .c = c, .k = k, .is_private = stays_private(c, k), .channels = c,
      .outputs = k, .u_product = weight_pitch(c, k)};
}

void sk_winograd_weights(sk_pool *pool, const sk_conv2d *conv, int32_t exact, const float *weight, float *u) {
  struct pass pass = begin(pool, conv, exact, NULL);
  pass.weight = weight;
  for (int32_t i = 0; i < pass.tiling.class_count; i++) {
    pass.class = &pass.tiling.classes[i];
    transform_weights(pool, &pass, u);
    u += pass.class->products * pass.u_product;
  }
}

// MARK: Sizes

static size_t range_tiles(const struct tile_class *class, size_t c, size_t k) {
  return shared_tiles(class->tiles, class->products, c, k, SHARED_BYTES);
}

static size_t input_floats(const struct tile_class *class, size_t c, size_t k) {
  return class->products * product_pitch(range_tiles(class, c, k) * (smaller(c, CHANNEL_BLOCK) + PAD));
}

// Products kept: one slice, or all where channels come in several blocks whose products are added.
static size_t kept_outputs(size_t c, size_t k) {
  return c > CHANNEL_BLOCK ? k : smaller(SHARED_SLICE, k);
}

static size_t slice_weight_floats(const struct tile_class *class, size_t c, size_t k) {
  return class->products * weight_pitch(smaller(c, CHANNEL_BLOCK), smaller(SHARED_SLICE, k));
}

static size_t sum_tasks(const sk_conv2d *conv, int32_t exact, size_t c, size_t k) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t tasks = 0;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    const struct tile_class *class = &tiling.classes[i];
    size_t range = stays_private(c, k) ? class->tiles : range_tiles(class, c, k);
    for (size_t first = 0; first < class->tiles; first += range)
      tasks += even_pieces(smaller(range, class->tiles - first), BLOCK_TILES);
  }
  return tasks;
}

size_t sk_winograd_sum_tasks(const sk_conv2d *conv, int32_t exact) {
  return sum_tasks(conv, exact, (size_t)conv->c, (size_t)conv->k);
}

size_t sk_winograd_input_sum_tasks(const sk_conv2d *conv, int32_t exact) {
  return sum_tasks(conv, exact, (size_t)conv->k, (size_t)conv->c);
}

static size_t private_v_floats(size_t products, size_t c) { return products * product_pitch(BLOCK_TILES * (c + PAD)); }
static size_t private_floats(size_t products, size_t c) {
  return private_v_floats(products, c) + products * product_pitch(BLOCK_TILES * (OUTPUT_SLICE + PAD));
}

static size_t shared_floats(const struct tile_class *class, size_t c, size_t k) {
  size_t tiles = range_tiles(class, c, k);
  return input_floats(class, c, k) + class->products * product_pitch(tiles * (kept_outputs(c, k) + PAD));
}

static size_t pass_floats(const sk_conv2d *conv, int32_t exact, size_t c, size_t k, int32_t prepared, int32_t workers) {
  struct tiling tiling = sk_tile(conv, exact, NULL);
  size_t work = 0;
  for (int32_t i = 0; i < tiling.class_count; i++) {
    const struct tile_class *class = &tiling.classes[i];
    size_t floats;
    if (stays_private(c, k))
      floats = (prepared ? 0 : class->products * weight_pitch(c, k)) +
               (size_t)workers * private_floats(class->products, c);
    else
      floats = (prepared ? 0 : slice_weight_floats(class, c, k)) + shared_floats(class, c, k);
    if (floats > work) work = floats;
  }
  return table_floats(conv) + work;
}

size_t sk_winograd_forward_bytes(const sk_conv2d *conv, int32_t exact, int32_t prepared, int32_t workers) {
  return pass_floats(conv, exact, (size_t)conv->c, (size_t)conv->k, prepared, workers) * sizeof(float);
}

static size_t turned_floats(const sk_conv2d *conv) { return round_up(9 * (size_t)conv->c * (size_t)conv->k, LINE); }

size_t sk_winograd_input_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers) {
  return (turned_floats(conv) + pass_floats(conv, exact, (size_t)conv->k, (size_t)conv->c, 0, workers)) * sizeof(float);
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

// Products `columns` from `output` on, of rows at `v`, into `m`.
static void multiply(
    const struct pass *pass, size_t product, const float *v, size_t rows, size_t output, size_t columns, float *m) {
  size_t panel = pass->matrix->panel;
  sk_product q = {
      .m = rows, .n = columns, .k = pass->channels, .a = v + product * pass->v.product_pitch, .a_row = pass->v.tile_pitch,
      .b = pass->u + product * pass->u_product + (output - pass->u_output) * pass->u_channels +
           (pass->channel - pass->u_channel) * panel,
      .b_row = panel, .b_panel = pass->u_channels * panel, .c = m + product * pass->m.product_pitch, .c_row = pass->m.tile_pitch,
      .accumulate = pass->channel > 0};
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
      multiply(pass, product, v, range.tiles, output, range.channels, m);
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

static void product_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pass *pass = context;
  size_t row = chunk % pass->row_pieces, product = chunk / pass->row_pieces;
  size_t begin = pass->tiles * row / pass->row_pieces, end = pass->tiles * (row + 1) / pass->row_pieces;
  multiply(pass, product, pass->v.values + begin * pass->v.tile_pitch, end - begin, pass->output, pass->outputs,
           pass->m.values + begin * pass->m.tile_pitch);
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
static void run_slices(sk_pool *pool, struct pass *pass, float *u) {
  int32_t is_last = pass->channel + pass->channels == pass->c;
  float *products = pass->m.values;
  for (pass->output = 0; pass->output < pass->k; pass->output += pass->slice) {
    pass->outputs = smaller(pass->slice, pass->k - pass->output);
    if (u) transform_weights(pool, pass, u);
    pass->m.values = products + (pass->m.tile_pitch > pass->slice + PAD ? pass->output : 0);
    sk_parallel_for(pool, pass->class->products * pass->row_pieces, product_task, pass);
    pass->pieces = even_pieces(pass->tiles, BLOCK_TILES);
    if (is_last) sk_parallel_for(pool, pass->pieces, output_task, pass);
  }
  pass->m.values = products;
}

// `u`: room for weights, or NULL where they come prepared.
static void run_shared(sk_pool *pool, struct pass *pass, float *u) {
  const struct tile_class *class = pass->class;
  size_t range = range_tiles(class, pass->c, pass->k), block = smaller(pass->c, CHANNEL_BLOCK);
  size_t kept = kept_outputs(pass->c, pass->k);
  pass->slice = smaller(SHARED_SLICE, pass->k);
  if (u) pass->u_product = weight_pitch(block, pass->slice);
  pass->v = sk_product_rows(pass->scratch, product_pitch(range * (block + PAD)), block + PAD);
  pass->m = sk_product_rows(
      pass->scratch + class->products * pass->v.product_pitch, product_pitch(range * (kept + PAD)), kept + PAD);
  for (pass->first = 0; pass->first < class->tiles; pass->first += range) {
    pass->tiles = smaller(range, class->tiles - pass->first);
    pass->row_pieces = (pass->tiles + PRODUCT_ROWS - 1) / PRODUCT_ROWS;
    for (pass->channel = 0; pass->channel < pass->c; pass->channel += block) {
      pass->channels = smaller(block, pass->c - pass->channel);
      pass->pieces = even_pieces(pass->tiles, BLOCK_TILES / 3);
      sk_parallel_for(pool, pass->pieces, input_task, pass);
      run_slices(pool, pass, u);
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
    if (u) {
      pass->u = u;
      pass->u_output = pass->u_channel = 0, pass->u_channels = pass->c;
      u += pass->class->products * pass->u_product;
    } else {
      pass->scratch += pass->is_private ? pass->class->products * pass->u_product
                                        : slice_weight_floats(pass->class, pass->c, pass->k);
      if (pass->is_private) transform_weights(pool, pass, workspace);
    }
    if (pass->is_private)
      run_private(pool, pass);
    else
      run_shared(pool, pass, u ? NULL : workspace);
  }
}

void sk_winograd_forward(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *y, const sk_conv2d_input *x,
    const float *weight, const float *u, void *workspace) {
  struct pass pass = begin(pool, conv, exact, workspace);
  pass.x = x, pass.y = y, pass.weight = weight;
  run(pool, &pass, u, (float *)workspace + table_floats(conv));
}

// MARK: Gradient of the input

struct turn {
  const float *weight;
  float *out;
  size_t c, k;
};

// One row of input channels of one tap: (tap, c, k) to (8 - tap, k, c), in squares that fit the first-level cache.
static void turn_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  enum { SQUARE = 32 };
  const struct turn *turn = context;
  size_t c = turn->c, k = turn->k, blocks = (c + SQUARE - 1) / SQUARE;
  size_t tap = chunk / blocks, c0 = chunk % blocks * SQUARE, c1 = smaller(c0 + SQUARE, c);
  const float *from = turn->weight + tap * c * k;
  float *to = turn->out + (8 - tap) * c * k;
  for (size_t k0 = 0; k0 < k; k0 += SQUARE)
    for (size_t j = k0; j < smaller(k0 + SQUARE, k); j++)
      for (size_t i = c0; i < c1; i++) to[j * c + i] = from[i * k + j];
}

void sk_winograd_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace) {
  float *turned = (float *)workspace, *rest = turned + turned_floats(conv);
  struct turn turn = {weight, turned, (size_t)conv->c, (size_t)conv->k};
  sk_parallel_for(pool, 9 * ((turn.c + 31) / 32), turn_task, &turn);
  sk_conv2d back = *conv;
  back.c = conv->k, back.k = conv->c;
  sk_conv2d_input input = {.x = dy};
  sk_winograd_forward(pool, &back, exact, dx, &input, turned, NULL, rest);
}
