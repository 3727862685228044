#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clones.h"
#include "segimage.h"

// For output position i of the window: weights[i * stride .. + count[i]] belong to inputs
// first[i]...
typedef struct {
  size_t *first, *count;
  float *weights;
  size_t stride;
} taps;

static void free_taps(taps *t) {
  free(t->first);
  free(t->count);
  free(t->weights);
}

// Output i lies at centre (i + 1/2) * in / full of the input; inputs within the support of the
// triangle count by their distance from it, and the weights of those that exist are made to sum to
// 1.
static int make_taps(taps *t, size_t in, size_t full, size_t offset, size_t out) {
  double scale = (double)in / (double)full;
  double support = scale > 1 ? scale : 1;
  t->stride = (size_t)ceil(2 * support) + 1;
  t->first = malloc(out * sizeof *t->first);
  t->count = malloc(out * sizeof *t->count);
  t->weights = calloc(out * t->stride, sizeof *t->weights);
  if (!t->first || !t->count || !t->weights) {
    free_taps(t);
    return SI_OUT_OF_MEMORY;
  }
  for (size_t i = 0; i < out; i++) {
    double center = ((double)(i + offset) + 0.5) * scale;
    long low = (long)ceil(center - support - 0.5), high = (long)floor(center + support - 0.5);
    if (low < 0) low = 0;
    if (high > (long)in - 1) high = (long)in - 1;
    double sum = 0;
    float *w = t->weights + i * t->stride;
    for (long x = low; x <= high; x++) sum += fmax(0, 1 - fabs((double)x + 0.5 - center) / support);
    for (long x = low; x <= high; x++)
      w[x - low] = (float)(fmax(0, 1 - fabs((double)x + 0.5 - center) / support) / sum);
    t->first[i] = (size_t)low;
    t->count[i] = (size_t)(high - low + 1);
  }
  return SI_OK;
}

typedef uint8_t bytes8 __attribute__((vector_size(8)));
typedef uint32_t words2 __attribute__((vector_size(8)));
typedef float floats8 __attribute__((vector_size(32)));
typedef int32_t ints8 __attribute__((vector_size(32)));

// Weights of two neighbouring outputs at a time, each four times, for the bytes of a pixel: [pair][stride][8]. Taps that
// one of them has not weigh 0.
static float *pair_weights(const taps *t, size_t out) {
  const size_t pairs = (out + 1) / 2;
  float *weights = calloc(pairs * t->stride * 8, sizeof *weights);
  for (size_t x = 0; weights && x < out; x++)
    for (size_t k = 0; k < t->count[x]; k++)
      for (size_t i = 0; i < 4; i++)
        weights[((x / 2) * t->stride + k) * 8 + (x % 2) * 4 + i] = t->weights[x * t->stride + k];
  return weights;
}

// Bytes behind a row that row_rgb may read: every output reads `stride` pixels, the last one four bytes wide.
static size_t spare_bytes(const taps *t) { return 3 * t->stride + 1; }

// in (in_width, 3) -> out (out_width, 3), which has one byte to spare.
SI_CLONES
static void row_rgb(const uint8_t *in, uint8_t *out, size_t out_width, const taps *t,
                    const float *weights) {
  for (size_t x = 0; x < out_width; x += 2) {
    const int is_pair = x + 1 < out_width;
    const uint8_t *p = in + 3 * t->first[x], *q = is_pair ? in + 3 * t->first[x + 1] : p;
    const float *w = weights + x / 2 * t->stride * 8;
    floats8 sum = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
    for (size_t k = 0; k < t->stride; k++) {
      uint32_t a, b;
      memcpy(&a, p + 3 * k, 4);
      memcpy(&b, q + 3 * k, 4);
      const words2 both = {a, b};
      floats8 weight;
      memcpy(&weight, w + 8 * k, sizeof weight);
      sum += weight * __builtin_convertvector((bytes8)both, floats8);
    }
    const words2 pixels =
        (words2)__builtin_convertvector(__builtin_convertvector(sum, ints8), bytes8);
    const uint32_t first = pixels[0], second = pixels[1];
    memcpy(out + 3 * x, &first, 4);
    if (is_pair) memcpy(out + 3 * x + 3, &second, 4);
  }
}

static void row_gray(const uint8_t *in, uint8_t *out, size_t out_width, const taps *t) {
  for (size_t x = 0; x < out_width; x++) {
    const float *w = t->weights + x * t->stride;
    float sum = 0.5f;
    for (size_t k = 0; k < t->count[x]; k++) sum += w[k] * in[t->first[x] + k];
    out[x] = (uint8_t)sum;
  }
}

// One output row from `count` input rows of `n` bytes, `rows` the first of them.
SI_CLONES
static void column_pass(const uint8_t *rows, uint8_t *out, size_t n, const float *w, size_t count) {
  enum { BLOCK = 256 };
  float sum[BLOCK];
  for (size_t start = 0; start < n; start += BLOCK) {
    size_t length = n - start < BLOCK ? n - start : BLOCK;
    for (size_t i = 0; i < length; i++) sum[i] = 0.5f;
    for (size_t k = 0; k < count; k++) {
      const uint8_t *row = rows + k * n + start;
      float weight = w[k];
      for (size_t i = 0; i < length; i++) sum[i] += weight * (float)row[i];
    }
    for (size_t i = 0; i < length; i++) out[start + i] = (uint8_t)sum[i];
  }
}

int si_resize_bilinear(const uint8_t *in, uint8_t *out, size_t channels,
                       const si_resize_shape *s) {
  taps across = {0}, down = {0};
  if (make_taps(&across, s->in_width, s->full_width, s->left, s->out_width))
    return SI_OUT_OF_MEMORY;
  if (make_taps(&down, s->in_height, s->full_height, s->top, s->out_height)) {
    free_taps(&across);
    return SI_OUT_OF_MEMORY;
  }
  // Input rows the window needs.
  size_t last = s->out_height - 1, low = down.first[0];
  size_t high = down.first[last] + down.count[last];
  size_t in_row = s->in_width * channels, row = s->out_width * channels;
  const size_t spare = spare_bytes(&across);
  uint8_t *narrow = malloc((high - low) * row + 1), *padded = calloc(in_row + spare, 1);
  float *weights = pair_weights(&across, s->out_width);
  int code = narrow && padded && weights ? SI_OK : SI_OUT_OF_MEMORY;
  for (size_t y = low; !code && y < high; y++) {
    const uint8_t *source = in + y * in_row;
    uint8_t *target = narrow + (y - low) * row;
    if (channels == 3) {
      // Behind the other rows lies enough of the picture.
      if ((s->in_height - 1 - y) * in_row < spare) source = memcpy(padded, source, in_row);
      row_rgb(source, target, s->out_width, &across, weights);
    } else {
      row_gray(source, target, s->out_width, &across);
    }
  }
  for (size_t y = 0; !code && y < s->out_height; y++)
    column_pass(narrow + (down.first[y] - low) * row, out + y * row, row,
                down.weights + y * down.stride, down.count[y]);
  free(narrow);
  free(padded);
  free(weights);
  free_taps(&across);
  free_taps(&down);
  return code;
}

static size_t nearest(size_t i, size_t in, size_t full) {
  size_t x = (size_t)(((double)i + 0.5) * ((double)in / (double)full));
  return x < in ? x : in - 1;
}

int si_resize_nearest(const uint8_t *in, uint8_t *out, const si_resize_shape *s) {
  size_t *columns = malloc(s->out_width * sizeof *columns);
  if (!columns) return SI_OUT_OF_MEMORY;
  for (size_t x = 0; x < s->out_width; x++)
    columns[x] = nearest(x + s->left, s->in_width, s->full_width);
  for (size_t y = 0; y < s->out_height; y++) {
    const uint8_t *row = in + nearest(y + s->top, s->in_height, s->full_height) * s->in_width;
    for (size_t x = 0; x < s->out_width; x++) out[y * s->out_width + x] = row[columns[x]];
  }
  free(columns);
  return SI_OK;
}
