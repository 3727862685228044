#include "conv2d_gather.h"

#include <string.h>

#include "conv2d_rows.h"

size_t sk_tile_pixels(size_t pixels) {
  size_t tiles = (pixels + TILE_PIXELS - 1) / TILE_PIXELS;
  tiles = (tiles + 3) / 4 * 4;
  size_t tile = (pixels + tiles - 1) / tiles;
  return tile ? tile : 1;
}

int32_t sk_gather_is_identity(const struct grid *grid) {
  return grid->tap_count == 1 && grid->step == 1 && grid->taps[0].dh == 0 && grid->taps[0].dw == 0 &&
         grid->rows == grid->source_h && grid->columns == grid->source_w;
}

// Whether any pixel of the tile can see the tap inside the source.
static int32_t tap_is_visible(const struct grid *grid, size_t begin, size_t end, struct tap tap) {
  int64_t last_column = (int64_t)(grid->columns - 1) * grid->step + tap.dw;
  if (last_column < 0 || tap.dw >= grid->source_w) return 0;
  size_t first_row = begin / (size_t)grid->columns, last_row = (end - 1) / (size_t)grid->columns;
  if (last_row - first_row >= (size_t)grid->rows) return 1;
  for (size_t row = first_row; row <= last_row; row++) {
    int64_t h = (int64_t)(row % (size_t)grid->rows) * grid->step + tap.dh;
    if (h >= 0 && h < grid->source_h) return 1;
  }
  return 0;
}

static inline void copy_floats(float *restrict to, const float *restrict from, size_t count) {
  if (count < 64)
    for (size_t i = 0; i < count; i++) to[i] = from[i];
  else
    memcpy(to, from, count * sizeof *to);
}

static inline void clear_floats(float *to, size_t count) { memset(to, 0, count * sizeof *to); }

// What copies a run of neighbouring pixels' channels: a plain copy, or (`rows` not NULL) their activation.
struct copying {
  const struct conv2d_rows *rows;
  const sk_activation *activation;
};

static inline void copy_pixels(
    const struct copying *copying, float *to, const float *from, size_t pixels, int32_t channel, size_t width) {
  if (!copying->rows) {
    copy_floats(to, from, pixels * width);
    return;
  }
  for (size_t i = 0; i < pixels; i++)
    copying->rows->activate(copying->activation, to + i * width, from + i * width, (size_t)channel, width);
}

static inline int32_t gather(
    const struct grid *grid, const struct copying *copying, size_t begin, size_t end, int32_t first, int32_t last,
    int32_t channel, int32_t width, float *out) {
  int32_t visible = 0;
  for (int32_t t = first; t < last && !visible; t++)
    visible = tap_is_visible(grid, begin, end, grid->taps[t]);
  if (!visible) return 0;

  const int32_t h_size = grid->source_h, w_size = grid->source_w, channels = grid->channels;
  const int32_t whole = width == channels;
  for (size_t pixel = begin; pixel < end; pixel++) {
    size_t row = pixel / (size_t)grid->columns;
    int32_t j = (int32_t)(pixel % (size_t)grid->columns) * grid->step;
    int32_t i = (int32_t)(row % (size_t)grid->rows) * grid->step;
    const float *image = grid->source + row / (size_t)grid->rows * (size_t)h_size * (size_t)w_size * (size_t)channels;
    float *to = out + (pixel - begin) * (size_t)(last - first) * (size_t)width;
    for (int32_t t = first; t < last;) {
      // Neighbouring taps of a row read neighbouring pixels: one copy for all of them.
      int32_t run = 1, h = i + grid->taps[t].dh, w = j + grid->taps[t].dw;
      if (whole)
        while (t + run < last && grid->taps[t + run].dh == grid->taps[t].dh &&
               grid->taps[t + run].dw == grid->taps[t].dw + run)
          run++;
      int32_t left = w < 0 ? -w : 0;
      int32_t right = w + run > w_size ? w + run - w_size : 0;
      if (h < 0 || h >= h_size || left + right >= run) {
        clear_floats(to, (size_t)run * (size_t)width);
      } else {
        size_t inside = (size_t)(run - left - right);
        const float *from =
            image + ((size_t)h * (size_t)w_size + (size_t)(w + left)) * (size_t)channels + channel;
        if (left) clear_floats(to, (size_t)left * (size_t)width);
        copy_pixels(copying, to + (size_t)left * (size_t)width, from, inside, channel, (size_t)width);
        if (right) clear_floats(to + ((size_t)left + inside) * (size_t)width, (size_t)right * (size_t)width);
      }
      to += (size_t)run * (size_t)width;
      t += run;
    }
  }
  return 1;
}

int32_t sk_gather(
    const struct grid *grid, size_t begin, size_t end, int32_t first, int32_t last, int32_t channel, int32_t width,
    float *out) {
  struct copying plain = {NULL, NULL};
  return gather(grid, &plain, begin, end, first, last, channel, width, out);
}

int32_t sk_gather_activated(
    const struct grid *grid, const struct conv2d_rows *rows, const sk_activation *activation, size_t begin, size_t end,
    int32_t first, int32_t last, int32_t channel, int32_t width, float *out) {
  struct copying activated = {rows, activation};
  return gather(grid, &activated, begin, end, first, last, channel, width, out);
}

static int32_t forward_taps(const sk_conv2d *conv, struct tap *taps) {
  int32_t count = 0;
  for (int32_t r = 0; r < conv->r; r++)
    for (int32_t s = 0; s < conv->s; s++)
      taps[count++] = (struct tap){r * conv->dilation - conv->padding, s * conv->dilation - conv->padding};
  return count;
}

struct grid sk_forward_grid(const sk_conv2d *conv, const float *x, struct tap *taps) {
  return (struct grid){
      .n = conv->n, .rows = conv->p, .columns = conv->q, .step = conv->stride, .source = x,
      .source_h = conv->h, .source_w = conv->w, .channels = conv->c, .taps = taps,
      .tap_count = forward_taps(conv, taps)};
}

void sk_input_class(const sk_conv2d *conv, int32_t row, int32_t column, struct input_class *class) {
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
