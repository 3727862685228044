#ifndef SK_VARIANT
#include "sk_resized_pixel_losses.h"

#include "pixel_chunks.h"
#include "resized_blocks.h"

#include <string.h>

struct resized_losses_args {
  struct resized resized;
  float *out;
  const float *logits, *g;
  const uint8_t *labels;
  float *rows;  // of each task: the gradient of its input rows and the one below them
  int32_t ignore, accumulate;
};

#define SK_SOURCE "resized_pixel_losses.c"
#include "variants.h"

size_t sk_resized_pixel_losses_workspace(struct sk_resize_shape shape, int32_t gradient) {
  return resized_bytes(shape) + (gradient ? resized_gradient_bytes(shape) : 0);
}

void sk_resized_pixel_losses(
    sk_pool *pool, float *losses, const float *logits, const uint8_t *labels,
    struct sk_resize_shape shape, int32_t ignore, void *workspace) {
  struct resized_losses_args args = {
      .out = losses, .logits = logits, .labels = labels, .ignore = ignore};
  make_resized(&args.resized, shape, workspace);
  size_t tasks = shape.n * args.resized.tasks;
  sk_parallel_for(pool, tasks, SK_PICK(pool, resized_losses_task), &args);
}

void sk_resized_pixel_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *g,
    struct sk_resize_shape shape, int32_t ignore, int32_t accumulate, void *workspace) {
  struct resized_losses_args args = {
      .out = dz, .logits = logits, .g = g, .labels = labels, .ignore = ignore,
      .accumulate = accumulate};
  args.rows = (float *)(void *)make_resized(&args.resized, shape, workspace);
  size_t tasks = shape.n * args.resized.tasks;
  sk_parallel_for(pool, tasks, SK_PICK(pool, resized_losses_gradient_task), &args);
  sk_parallel_for(pool, shape.n * shape.h, SK_PICK(pool, resized_losses_fold), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "resized_blocks.h"
#include "softmax_block.h"

// The output rows between `bands` input rows and those below them, block of columns by block of columns.
SK_INLINE void SK_NAME(resized_losses_rows)(
    const struct resized_losses_args *args, size_t task, int gradient) {
  const struct resized *resized = &args->resized;
  const struct sk_resize_shape *shape = &resized->shape;
  size_t image = task / resized->tasks, begin = task % resized->tasks * resized->bands;
  size_t end = begin + resized->bands < shape->h ? begin + resized->bands : shape->h;
  size_t classes = shape->c, width = shape->w * classes, padded = (classes + 15) / 16 * 16;
  const float *logits = args->logits + image * shape->h * width;
  size_t first = image * shape->p * shape->q;
  float *rows = args->rows + task * (resized->bands + 1) * resized->row_floats;
  if (gradient) memset(rows, 0, (resized->bands + 1) * resized->row_floats * sizeof *rows);
  _Alignas(64) v16 memory[4][PIXEL_CLASSES], z[PIXEL_CLASSES];
  for (size_t block = 0; block < resized->blocks; block++) {
    size_t q = 16 * block, count = shape->q - q < 16 ? shape->q - q : 16;
    v16 *top = memory[0], *bottom = memory[1], *above = memory[2], *below = memory[3], *other;
    SK_NAME(interpolate_block)(top, resized, logits + begin * width, block);
    if (gradient) memset(above, 0, padded * sizeof *above);
    for (size_t h = begin; h < end; h++) {
      size_t next = h + 1 < shape->h ? h + 1 : h;
      SK_NAME(interpolate_block)(bottom, resized, logits + next * width, block);
      if (gradient) memset(below, 0, padded * sizeof *below);
      for (size_t p = resized->rows.first[h]; p < resized->rows.first[h + 1]; p++) {
        float near = resized->rows.near[p], far = resized->rows.far[p];
        size_t place = first + p * shape->q + q;
        v16i label = SK_NAME(load_labels)(args->labels + place, classes, count, args->ignore);
        for (size_t c = 0; c < classes; c++) z[c] = near * top[c] + far * bottom[c];
        if (gradient) {
          v16 g = count == 16 ? SK_NAME(load16)(args->g + place)
                              : SK_NAME(load16_part)(args->g + place, count, 0);
          SK_NAME(block_gradients)(z, classes, label, g);
          for (size_t c = 0; c < classes; c++) {
            above[c] += near * z[c];
            below[c] += far * z[c];
          }
        } else {
          v16 loss = SK_NAME(block_losses)(z, classes, label);
          if (count == 16)
            SK_NAME(store16)(args->out + place, loss);
          else
            SK_NAME(store16_part)(args->out + place, loss, count);
        }
      }
      if (gradient)
        SK_NAME(spread_block)(rows + (h - begin) * resized->row_floats, above, resized, block);
      other = top, top = bottom, bottom = other;
      other = above, above = below, below = other;
    }
    if (gradient)
      SK_NAME(spread_block)(rows + (end - begin) * resized->row_floats, above, resized, block);
  }
}

static void SK_NAME(resized_losses_task)(void *context, size_t task, int32_t worker) {
  (void)worker;
  SK_NAME(resized_losses_rows)(context, task, 0);
}

static void SK_NAME(resized_losses_gradient_task)(void *context, size_t task, int32_t worker) {
  (void)worker;
  SK_NAME(resized_losses_rows)(context, task, 1);
}

static void SK_NAME(resized_losses_fold)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resized_losses_args *args = context;
  SK_NAME(fold_row)(args->out, &args->resized, args->rows, chunk, 1, args->accumulate);
}

#endif
