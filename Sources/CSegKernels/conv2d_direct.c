#include "conv2d_gather.h"
#include "sk_direct.h"
#include "sk_gemm.h"

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

size_t sk_direct_forward_bytes(const sk_conv2d *conv, int32_t workers) {
  size_t pixels = (size_t)conv->n * (size_t)conv->p * (size_t)conv->q;
  return (size_t)workers * tile_floats(pixels, conv->c) * sizeof(float);
}

void sk_direct_forward(
    sk_pool *pool, const sk_conv2d *conv, float *y, const float *x, const float *weight,
    const float *bias, void *workspace) {
  struct tap taps[MOST_TAPS];
  struct product product = {
      .grid = sk_forward_grid(conv, x, taps), .weights = weight, .outputs = conv->k, .bias = bias,
      .result = y, .contiguous = 1, .image_pitch = (size_t)conv->p * (size_t)conv->q,
      .row_pitch = (size_t)conv->q, .column_pitch = 1, .workspace = workspace};
  product.worker_floats = tile_floats(grid_pixels(&product.grid), conv->c);
  run_product(pool, &product);
}

// MARK: Gradient of the input

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

size_t sk_direct_input_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  return (transposed_floats(conv) + (size_t)workers * input_worker_floats(conv)) * sizeof(float);
}

void sk_direct_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dx, const float *dy, const float *weight,
    int32_t accumulate, void *workspace) {
  float *transposed = workspace;
  for (int32_t row = 0; row < conv->stride && row < conv->h; row++)
    for (int32_t column = 0; column < conv->stride && column < conv->w; column++) {
      struct input_class class;
      sk_input_class(conv, row, column, &class);
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
