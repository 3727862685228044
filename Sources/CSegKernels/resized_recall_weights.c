#ifndef SK_VARIANT
#include "sk_resized_recall_weights.h"

#include "pixel_chunks.h"
#include "recall_counts.h"
#include "resized_blocks.h"

#include <string.h>

struct resized_recall_args {
  struct resized resized;
  const float *logits;
  const uint8_t *labels;
  int32_t ignore, by_prediction;
  uint32_t *counts;  // of each task: by class, all pixels and those missed
};

#define SK_SOURCE "resized_recall_weights.c"
#include "variants.h"

size_t sk_resized_recall_weights_workspace(struct sk_resize_shape shape) {
  return resized_bytes(shape) + shape.n * resized_tasks(&shape) * shape.c * 2 * sizeof(uint32_t);
}

void sk_resized_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels,
    struct sk_resize_shape shape, int32_t ignore, int32_t floor, int32_t by_prediction,
    void *workspace) {
  struct resized_recall_args args = {
      .logits = logits, .labels = labels, .ignore = ignore, .by_prediction = by_prediction};
  args.counts = (uint32_t *)(void *)make_resized(&args.resized, shape, workspace);
  size_t tasks = shape.n * args.resized.tasks;
  sk_parallel_for(pool, tasks, SK_PICK(pool, resized_recall_task), &args);
  recall_of_counts(weights, args.counts, tasks, shape.c, floor);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "recall_counts.h"
#include "resized_blocks.h"

static void SK_NAME(resized_recall_task)(void *context, size_t task, int32_t worker) {
  (void)worker;
  const struct resized_recall_args *args = context;
  const struct resized *resized = &args->resized;
  const struct sk_resize_shape *shape = &resized->shape;
  size_t image = task / resized->tasks, begin = task % resized->tasks * resized->bands;
  size_t end = begin + resized->bands < shape->h ? begin + resized->bands : shape->h;
  size_t classes = shape->c, width = shape->w * classes;
  const float *logits = args->logits + image * shape->h * width;
  const uint8_t *labels = args->labels + image * shape->p * shape->q;
  _Alignas(64) v16 memory[2][PIXEL_CLASSES], z[PIXEL_CLASSES];
  _Alignas(64) v16i total[PIXEL_CLASSES], missed[PIXEL_CLASSES];
  memset(total, 0, classes * sizeof *total);
  memset(missed, 0, classes * sizeof *missed);
  for (size_t block = 0; block < resized->blocks; block++) {
    size_t q = 16 * block, count = shape->q - q < 16 ? shape->q - q : 16;
    v16 *top = memory[0], *bottom = memory[1], *other;
    SK_NAME(interpolate_block)(top, resized, logits + begin * width, block);
    for (size_t h = begin; h < end; h++) {
      size_t next = h + 1 < shape->h ? h + 1 : h;
      SK_NAME(interpolate_block)(bottom, resized, logits + next * width, block);
      for (size_t p = resized->rows.first[h]; p < resized->rows.first[h + 1]; p++) {
        float near = resized->rows.near[p], far = resized->rows.far[p];
        for (size_t c = 0; c < classes; c++) z[c] = near * top[c] + far * bottom[c];
        SK_NAME(count_block)(
            total, missed, z, classes,
            SK_NAME(load_labels)(labels + p * shape->q + q, classes, count, args->ignore),
            args->by_prediction);
      }
      other = top, top = bottom, bottom = other;
    }
  }
  SK_NAME(sum_counts)(args->counts + task * classes * 2, total, missed, classes);
}

#endif
