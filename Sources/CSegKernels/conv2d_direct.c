#include "conv2d_gather.h"
#include "sk_conv2d.h"
#include "sk_gemm.h"

enum { MOST_TAPS = 1024 };

// Blocks of gathered columns: several taps of few channels, or a part of one tap's channels.
struct blocking {
  int32_t taps, channels;
};

static struct blocking block_columns(int32_t channels) {
  if (channels >= TILE_COLUMNS) return (struct blocking){1, TILE_COLUMNS};
  return (struct blocking){TILE_COLUMNS / channels, channels};
}

static size_t tile_floats(size_t pixels, int32_t channels) {
  struct blocking block = block_columns(channels);
  return sk_tile_pixels(pixels) * (size_t)block.taps * (size_t)block.channels;
}

// One product of gathered pixels and a weight matrix, tile by tile.
struct product {
  struct grid grid;
  const float *weights;  // (taps, channels, outputs)
  int32_t outputs;
  const float *bias;
  float *result;
  // Where grid pixel (i, j) is written: image pitch, row pitch and column pitch in pixels, and the first pixel.
  size_t image_pitch, row_pitch, column_pitch, origin;
  int32_t contiguous;  // pixels follow one another in the result
  int32_t accumulate;
  size_t tile;
  float *workspace;
  size_t worker_floats;
};

static void start_rows(float *rows, size_t count, int32_t width, const float *bias) {
  for (size_t i = 0; i < count; i++)
    for (int32_t k = 0; k < width; k++) rows[i * (size_t)width + (size_t)k] = bias ? bias[k] : 0;
}

static size_t result_pixel(const struct product *product, size_t pixel) {
  const struct grid *grid = &product->grid;
  size_t column = pixel % (size_t)grid->columns, row = pixel / (size_t)grid->columns;
  return product->origin + row / (size_t)grid->rows * product->image_pitch +
         row % (size_t)grid->rows * product->row_pitch + column * product->column_pitch;
}

static void product_tile(void *context, size_t chunk, int32_t worker) {
  const struct product *product = context;
  const struct grid *grid = &product->grid;
  size_t begin = chunk * product->tile, end = begin + product->tile, pixels = grid_pixels(grid);
  if (end > pixels) end = pixels;
  if (begin >= end) return;
  size_t rows = end - begin, outputs = (size_t)product->outputs, channels = (size_t)grid->channels;
  float *gathered = product->workspace + (size_t)worker * product->worker_floats;
  float *rows_out = product->contiguous ? product->result + result_pixel(product, begin) * outputs
                                        : gathered + tile_floats(pixels, grid->channels);
  int32_t keeps = product->contiguous && product->accumulate;
  // Whether rows_out already holds something to add to.
  int32_t started = keeps || product->bias != NULL;
  if (product->bias && !keeps) start_rows(rows_out, rows, product->outputs, product->bias);

  if (sk_gather_is_identity(grid)) {
    sk_gemm(rows, outputs, channels, grid->source + begin * channels, channels, product->weights,
            outputs, started ? 1 : 0, rows_out, outputs);
    started = 1;
  } else {
    struct blocking block = block_columns(grid->channels);
    for (int32_t tap = 0; tap < grid->tap_count; tap += block.taps) {
      int32_t last = tap + block.taps < grid->tap_count ? tap + block.taps : grid->tap_count;
      for (int32_t channel = 0; channel < grid->channels; channel += block.channels) {
        int32_t width = grid->channels - channel < block.channels ? grid->channels - channel : block.channels;
        if (!sk_gather(grid, begin, end, tap, last, channel, width, gathered)) continue;
        size_t columns = (size_t)(last - tap) * (size_t)width;
        const float *weights = product->weights + ((size_t)tap * channels + (size_t)channel) * outputs;
        sk_gemm(rows, outputs, columns, gathered, columns, weights, outputs, started ? 1 : 0, rows_out,
                outputs);
        started = 1;
      }
    }
  }
  if (!started) start_rows(rows_out, rows, product->outputs, NULL);
  if (product->contiguous) return;
  for (size_t i = 0; i < rows; i++) {
    float *to = product->result + result_pixel(product, begin + i) * outputs;
    const float *from = rows_out + i * outputs;
    if (product->accumulate)
      for (size_t k = 0; k < outputs; k++) to[k] += from[k];
    else
      for (size_t k = 0; k < outputs; k++) to[k] = from[k];
  }
}

static void run_product(sk_pool *pool, struct product *product) {
  size_t pixels = grid_pixels(&product->grid);
  product->tile = sk_tile_pixels(pixels);
  sk_parallel_for(pool, (pixels + product->tile - 1) / product->tile, product_tile, product);
}

// MARK: Forward

static int32_t forward_taps(const sk_conv2d *conv, struct tap *taps) {
  int32_t count = 0;
  for (int32_t r = 0; r < conv->r; r++)
    for (int32_t s = 0; s < conv->s; s++)
      taps[count++] = (struct tap){r * conv->dilation - conv->padding, s * conv->dilation - conv->padding};
  return count;
}

static struct grid forward_grid(const sk_conv2d *conv, const float *x, struct tap *taps) {
  return (struct grid){
      .n = conv->n, .rows = conv->p, .columns = conv->q, .step = conv->stride, .source = x,
      .source_h = conv->h, .source_w = conv->w, .channels = conv->c, .taps = taps,
      .tap_count = forward_taps(conv, taps)};
}

size_t sk_conv2d_forward_bytes(const sk_conv2d *conv, int32_t workers) {
  size_t pixels = (size_t)conv->n * (size_t)conv->p * (size_t)conv->q;
  return (size_t)workers * tile_floats(pixels, conv->c) * sizeof(float);
}

void sk_conv2d_forward(
    sk_pool *pool, const sk_conv2d *conv, float *y, const float *x, const float *weight,
    const float *bias, void *workspace) {
  struct tap taps[MOST_TAPS];
  struct product product = {
      .grid = forward_grid(conv, x, taps), .weights = weight, .outputs = conv->k, .bias = bias,
      .result = y, .contiguous = 1, .image_pitch = (size_t)conv->p * (size_t)conv->q,
      .row_pitch = (size_t)conv->q, .column_pitch = 1, .workspace = workspace};
  product.worker_floats = tile_floats(grid_pixels(&product.grid), conv->c);
  run_product(pool, &product);
}

// MARK: Gradient of the input

// Input pixels fall into stride x stride classes; all pixels of a class are reached by the same taps.
struct input_class {
  int32_t row, column;  // first pixel
  int32_t rows, columns;
  int32_t tap_count;
  struct tap taps[MOST_TAPS];
  int32_t weight_taps[MOST_TAPS];  // which tap of the weights each of them is
};

static void describe_class(const sk_conv2d *conv, int32_t row, int32_t column, struct input_class *class) {
  *class = (struct input_class){.row = row, .column = column};
  class->rows = (conv->h - row + conv->stride - 1) / conv->stride;
  class->columns = (conv->w - column + conv->stride - 1) / conv->stride;
  // Descending weight taps read ascending output pixels, so that neighbours are copied together.
  for (int32_t r = conv->r - 1; r >= 0; r--)
    for (int32_t s = conv->s - 1; s >= 0; s--) {
      int32_t h = row + conv->padding - r * conv->dilation, w = column + conv->padding - s * conv->dilation;
      if (h % conv->stride || w % conv->stride) continue;
      class->taps[class->tap_count] = (struct tap){h / conv->stride, w / conv->stride};
      class->weight_taps[class->tap_count++] = r * conv->s + s;
    }
}

struct transpose {
  const sk_conv2d *conv;
  const float *weight;
  float *out;  // (taps, k, c), taps in the order of the class
  const int32_t *taps;
};

// One tap: (c, k) to (k, c), in squares that fit the first-level cache.
static void transpose_tap(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct transpose *args = context;
  size_t c = (size_t)args->conv->c, k = (size_t)args->conv->k;
  const float *from = args->weight + (size_t)args->taps[chunk] * c * k;
  float *to = args->out + chunk * c * k;
  enum { SQUARE = 32 };
  for (size_t c0 = 0; c0 < c; c0 += SQUARE)
    for (size_t k0 = 0; k0 < k; k0 += SQUARE) {
      size_t c1 = c0 + SQUARE < c ? c0 + SQUARE : c, k1 = k0 + SQUARE < k ? k0 + SQUARE : k;
      for (size_t j = k0; j < k1; j++)
        for (size_t i = c0; i < c1; i++) to[j * c + i] = from[i * k + j];
    }
}

static size_t transposed_floats(const sk_conv2d *conv) {
  size_t floats = (size_t)conv->r * (size_t)conv->s * (size_t)conv->c * (size_t)conv->k;
  return (floats + 15) / 16 * 16;
}

// A class covers at most as many pixels as the whole input; its tiles are never larger than the largest.
static size_t input_worker_floats(const sk_conv2d *conv) {
  struct blocking block = block_columns(conv->k);
  return TILE_PIXELS * ((size_t)block.taps * (size_t)block.channels + (size_t)conv->c);
}

size_t sk_conv2d_input_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  return (transposed_floats(conv) + (size_t)workers * input_worker_floats(conv)) * sizeof(float);
}

void sk_conv2d_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dx, const float *dy, const float *weight,
    int32_t accumulate, void *workspace) {
  float *transposed = workspace;
  for (int32_t row = 0; row < conv->stride && row < conv->h; row++)
    for (int32_t column = 0; column < conv->stride && column < conv->w; column++) {
      struct input_class class;
      describe_class(conv, row, column, &class);
      struct transpose transpose = {conv, weight, transposed, class.weight_taps};
      sk_parallel_for(pool, (size_t)class.tap_count, transpose_tap, &transpose);
      struct product product = {
          .grid = {.n = conv->n, .rows = class.rows, .columns = class.columns, .step = 1, .source = dy,
                   .source_h = conv->p, .source_w = conv->q, .channels = conv->k, .taps = class.taps,
                   .tap_count = class.tap_count},
          .weights = transposed, .outputs = conv->c, .result = dx, .contiguous = conv->stride == 1,
          .image_pitch = (size_t)conv->h * (size_t)conv->w,
          .row_pitch = (size_t)conv->w * (size_t)conv->stride, .column_pitch = (size_t)conv->stride,
          .origin = (size_t)row * (size_t)conv->w + (size_t)column, .accumulate = accumulate,
          .workspace = transposed + transposed_floats(conv), .worker_floats = input_worker_floats(conv)};
      run_product(pool, &product);
    }
}

// MARK: Gradient of the weights

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

size_t sk_conv2d_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
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

struct part_sum {
  float *dw;
  const float *parts;
  size_t count;
  int32_t pixel_parts, accumulate;
};

enum { PART_CHUNK = 16384 };

static void add_parts(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct part_sum *args = context;
  size_t begin = chunk * PART_CHUNK;
  size_t end = begin + PART_CHUNK < args->count ? begin + PART_CHUNK : args->count;
  for (size_t i = begin; i < end; i++) {
    float value = args->accumulate ? args->dw[i] : 0;
    for (int32_t part = 0; part < args->pixel_parts; part++)
      value += args->parts[(size_t)part * args->count + i];
    args->dw[i] = value;
  }
}

void sk_conv2d_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const float *x, const float *dy,
    int32_t accumulate, void *workspace) {
  struct tap taps[MOST_TAPS];
  struct weight_sum sum = {
      .grid = forward_grid(conv, x, taps), .dy = dy, .dw = dw, .outputs = conv->k, .accumulate = accumulate};
  plan_weight_sum(conv, &sum);
  size_t count = weight_floats(conv);
  sum.parts = sum.pixel_parts > 1 ? workspace : NULL;
  sum.workspace = (float *)workspace + (sum.parts ? (size_t)sum.pixel_parts * count : 0);
  sk_parallel_for(pool, (size_t)sum.row_blocks * (size_t)sum.pixel_parts, weight_block, &sum);
  if (!sum.parts) return;
  struct part_sum parts = {dw, sum.parts, count, sum.pixel_parts, accumulate};
  sk_parallel_for(pool, (count + PART_CHUNK - 1) / PART_CHUNK, add_parts, &parts);
}
