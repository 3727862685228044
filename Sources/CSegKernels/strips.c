#include "strips.h"

#include <string.h>

void sk_fill_strip(
    const struct strips *strips, const struct conv2d_rows *rows, const sk_conv2d_input *input, size_t image,
    size_t first_row, size_t count, float *strip) {
  const sk_conv2d *conv = &strips->conv;
  size_t c = (size_t)conv->c, needed = (count - 1) * (size_t)conv->stride + (size_t)conv->r;
  // Columns of the strip that lie inside the image; with large strides the last ones may not be needed.
  int32_t columns = (conv->q - 1) * conv->stride + conv->s, left = conv->padding < columns ? conv->padding : columns;
  int32_t inside = columns - left < conv->w ? columns - left : conv->w, right = columns - left - inside;
  for (size_t i = 0; i < needed; i++, strip += strips->pitch) {
    int64_t h = (int64_t)first_row * conv->stride - conv->padding + (int64_t)i;
    if (h < 0 || h >= conv->h) {
      memset(strip, 0, (size_t)columns * c * sizeof *strip);
      continue;
    }
    const float *from = input->x + (image * (size_t)conv->h + (size_t)h) * (size_t)conv->w * c;
    float *to = strip + (size_t)left * c;
    memset(strip, 0, (size_t)left * c * sizeof *strip);
    if (!input->activation.scale)
      memcpy(to, from, (size_t)inside * c * sizeof *to);
    else
      for (int32_t j = 0; j < inside; j++)
        rows->activate(&input->activation, to + (size_t)j * c, from + (size_t)j * c, 0, c);
    memset(to + (size_t)inside * c, 0, (size_t)right * c * sizeof *to);
  }
}
