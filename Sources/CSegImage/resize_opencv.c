// OpenCV's INTER_LINEAR and INTER_NEAREST on bytes, bit for bit: positions in single precision, weights of
// 11 bits, sums in whole numbers. Two inputs a side whatever the scale, so shrinking is not antialiased.

#include <math.h>
#include <stdlib.h>

#include "clones.h"
#include "segimage.h"

enum { ONE = 2048 };

typedef struct {
  size_t first, second;
  int32_t a, b;  // weights of the two, in 1/2048
} pair;

// A factor as OpenCV has it: the inverse of a rounded quotient.
static double scale_of(size_t in, size_t full) { return 1 / ((double)full / (double)in); }

// Beyond the edge columns take the edge alone; rows weigh it twice, which may round differently.
static pair pair_at(size_t i, size_t in, size_t full, int is_row) {
  float position = (float)(((double)i + 0.5) * scale_of(in, full) - 0.5);
  const long low = (long)floorf(position), last = (long)in - 1;
  position -= (float)low;
  if (!is_row && (low < 0 || low >= last)) position = 0;
  const long first = low < 0 ? 0 : low > last ? last : low;
  const long second = low + 1 < 0 ? 0 : low + 1 > last ? last : low + 1;
  return (pair){(size_t)first, (size_t)second, (int32_t)rintf((1 - position) * ONE),
                (int32_t)rintf(position * ONE)};
}

static void across(const uint8_t *in, int32_t *out, size_t width, size_t channels,
                   const pair *columns) {
  for (size_t x = 0; x < width; x++) {
    const uint8_t *p = in + columns[x].first * channels, *q = in + columns[x].second * channels;
    for (size_t c = 0; c < channels; c++)
      out[x * channels + c] = columns[x].a * p[c] + columns[x].b * q[c];
  }
}

SI_CLONES
static void down(const int32_t *top, const int32_t *bottom, uint8_t *out, size_t n, int32_t a,
                 int32_t b) {
  for (size_t i = 0; i < n; i++)
    out[i] = (uint8_t)(((a * (top[i] >> 4) >> 16) + (b * (bottom[i] >> 4) >> 16) + 2) >> 2);
}

int si_resize_linear_opencv(const uint8_t *in, uint8_t *out, size_t channels,
                            const si_resize_shape *s) {
  const size_t row = s->out_width * channels, in_row = s->in_width * channels;
  pair *columns = malloc(s->out_width * sizeof *columns);
  int32_t *rows[2] = {malloc(row * sizeof(int32_t)), malloc(row * sizeof(int32_t))};
  int code = columns && rows[0] && rows[1] ? SI_OK : SI_OUT_OF_MEMORY;
  for (size_t x = 0; !code && x < s->out_width; x++)
    columns[x] = pair_at(x + s->left, s->in_width, s->full_width, 0);
  // Which input row each of the two holds.
  size_t held[2] = {SIZE_MAX, SIZE_MAX};
  for (size_t y = 0; !code && y < s->out_height; y++) {
    const pair p = pair_at(y + s->top, s->in_height, s->full_height, 1);
    if (held[1] == p.first) {
      int32_t *other = rows[0];
      rows[0] = rows[1];
      rows[1] = other;
      held[1] = held[0];
      held[0] = p.first;
    }
    const size_t wanted[2] = {p.first, p.second};
    for (int i = 0; i < 2; i++) {
      if (held[i] == wanted[i]) continue;
      across(in + wanted[i] * in_row, rows[i], s->out_width, channels, columns);
      held[i] = wanted[i];
    }
    down(rows[0], rows[1], out + y * row, row, p.a, p.b);
  }
  free(columns);
  free(rows[0]);
  free(rows[1]);
  return code;
}

static size_t corner(size_t i, size_t in, size_t full) {
  const size_t x = (size_t)((double)i * scale_of(in, full));
  return x < in ? x : in - 1;
}

int si_resize_nearest_opencv(const uint8_t *in, uint8_t *out, const si_resize_shape *s) {
  size_t *columns = malloc(s->out_width * sizeof *columns);
  if (!columns) return SI_OUT_OF_MEMORY;
  for (size_t x = 0; x < s->out_width; x++)
    columns[x] = corner(x + s->left, s->in_width, s->full_width);
  for (size_t y = 0; y < s->out_height; y++) {
    const uint8_t *row = in + corner(y + s->top, s->in_height, s->full_height) * s->in_width;
    for (size_t x = 0; x < s->out_width; x++) out[y * s->out_width + x] = row[columns[x]];
  }
  free(columns);
  return SI_OK;
}
