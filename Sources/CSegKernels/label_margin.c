#ifndef SK_VARIANT
#include "sk_label_margin.h"

enum { CHUNK = 16384 };

struct label_margin_args {
  float *y;
  const float *z, *margins;
  const uint8_t *labels;
  float scale;
  size_t pixels, c, chunk_pixels;
  int32_t ignore_index;
};

#define SK_SOURCE "label_margin.c"
#include "variants.h"

void sk_label_margin(
    sk_pool *pool, float *y, const float *z, const uint8_t *labels, const float *margins,
    float scale, size_t pixels, size_t c, int32_t ignore_index) {
  if (c == 0) return;
  struct label_margin_args args = {
      .y = y, .z = z, .margins = margins, .labels = labels, .scale = scale, .pixels = pixels,
      .c = c, .chunk_pixels = CHUNK / c + 1, .ignore_index = ignore_index};
  size_t chunks = (pixels + args.chunk_pixels - 1) / args.chunk_pixels;
  sk_parallel_for(pool, chunks, SK_PICK(pool, label_margin_chunk), &args);
}

#else

static void SK_NAME(label_margin_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct label_margin_args *args = context;
  size_t c = args->c, first = chunk * args->chunk_pixels, end = first + args->chunk_pixels;
  if (end > args->pixels) end = args->pixels;
  float scale = args->scale;
  for (size_t start = first; start < end; start += 256) {
    size_t stop = start + 256 < end ? start + 256 : end;
    // y may equal z, so the shifted logits are computed from what is scaled already.
    for (size_t i = start * c; i < stop * c; i++) args->y[i] = scale * args->z[i];
    for (size_t pixel = start; pixel < stop; pixel++) {
      uint8_t label = args->labels[pixel];
      if (label >= c || label == args->ignore_index) continue;
      args->y[pixel * c + label] -= scale * args->margins[label];
    }
  }
}

#endif
