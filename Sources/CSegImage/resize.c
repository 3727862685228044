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

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef float floats4 __attribute__((vector_size(16)));
typedef int32_t ints4 __attribute__((vector_size(16)));

// in (in_width, 3) -> out (out_width, 3). Pixels are read and written four bytes wide, so `in` and `out`
// have one byte to spare.
SI_CLONES
static void row_rgb(const uint8_t *in, uint8_t *out, size_t out_width, const taps *t) {
  for (size_t x = 0; x < out_width; x++) {
    const uint8_t *p = in + 3 * t->first[x];
    const float *w = t->weights + x * t->stride;
    floats4 sum = {0.5f, 0.5f, 0.5f, 0.5f};
    for (size_t k = 0; k < t->count[x]; k++) {
      bytes4 pixel;
      memcpy(&pixel, p + 3 * k, 4);
      sum += w[k] * __builtin_convertvector(pixel, floats4);
    }
    const bytes4 pixel =
        __builtin_convertvector(__builtin_convertvector(sum, ints4), bytes4);
    memcpy(out + 3 * x, &pixel, 4);
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
  uint8_t *narrow = malloc((high - low) * row + 1), *padded = malloc(in_row + 1);
  int code = narrow && padded ? SI_OK : SI_OUT_OF_MEMORY;
  for (size_t y = low; !code && y < high; y++) {
    uint8_t *target = narrow + (y - low) * row;
    if (channels == 3) {
      // Only the last row ends where the picture ends.
      const uint8_t *source = in + y * in_row;
      if (y + 1 == s->in_height) {
        memcpy(padded, source, in_row);
        padded[in_row] = 0;
        source = padded;
      }
      row_rgb(source, target, s->out_width, &across);
    } else {
      row_gray(in + y * in_row, target, s->out_width, &across);
    }
  }
  for (size_t y = 0; !code && y < s->out_height; y++)
    column_pass(narrow + (down.first[y] - low) * row, out + y * row, row,
                down.weights + y * down.stride, down.count[y]);
  free(narrow);
  free(padded);
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
