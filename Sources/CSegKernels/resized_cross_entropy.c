#ifndef SK_VARIANT
#include "sk_resized_cross_entropy.h"

#include "pixel_chunks.h"
#include "resized_blocks.h"

#include <string.h>

struct resized_entropy_args {
  struct resized resized;
  float *dz;
  const float *logits;
  const uint8_t *labels;
  int32_t ignore;
  double *sums;                 // of each task: losses, weights, pixels that count
  float *rows;                  // of each task: the gradient of its input rows and the one below them
  float scale;                  // of the gradient
  float factor[PIXEL_CLASSES];  // what a pixel of each class is multiplied with
};

#define SK_SOURCE "resized_cross_entropy.c"
#include "variants.h"

static size_t sums_bytes(const struct sk_resize_shape *shape) {
  return resize_aligned(shape->n * resized_tasks(shape) * 3 * sizeof(double));
}

size_t sk_resized_cross_entropy_workspace(struct sk_resize_shape shape, int32_t gradient) {
  return resized_bytes(shape) + sums_bytes(&shape) + (gradient ? resized_gradient_bytes(shape) : 0);
}

void sk_resized_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, float *dz, const float *logits,
    const uint8_t *labels, const float *weights, struct sk_resize_shape shape, int32_t ignore,
    int32_t normalization, void *workspace) {
  struct resized_entropy_args args = {
      .dz = dz, .logits = logits, .labels = labels, .ignore = ignore};
  char *place = make_resized(&args.resized, shape, workspace);
  args.sums = (double *)(void *)place;
  args.rows = (float *)(void *)(place + sums_bytes(&shape));
  for (size_t c = 0; c < shape.c; c++) args.factor[c] = weights[c];
  size_t tasks = shape.n * args.resized.tasks;
  sk_parallel_for(
      pool, tasks,
      dz ? SK_PICK(pool, entropy_and_gradient_task) : SK_PICK(pool, entropy_task), &args);
  double losses = 0, weight = 0, count = 0;
  for (size_t task = 0; task < tasks; task++) {
    losses += args.sums[3 * task];
    weight += args.sums[3 * task + 1];
    count += args.sums[3 * task + 2];
  }
  *normaliser = normalization == SK_SUM_OF_WEIGHTS ? weight
                : normalization == SK_ALL_PIXELS   ? (double)(shape.n * shape.p * shape.q)
                                                   : count;
  *loss = *normaliser > 0 ? (float)(losses / *normaliser) : 0;
  if (!dz) return;
  // Scaled here, over the few pixels of the small logits: the normaliser is known only now.
  args.scale = *normaliser > 0 ? (float)(1 / *normaliser) : 0;
  sk_parallel_for(pool, shape.n * shape.h, SK_PICK(pool, entropy_fold), &args);
}

#else
#include "vecmath.h"

#include "pixel_block.h"
#include "resized_blocks.h"

typedef double SK_NAME(v16d) __attribute__((vector_size(128)));

struct SK_NAME(entropy_sums) {
  SK_NAME(v16d) losses, weights;
  v16i counts;
};

// Adds the losses of 16 pixels with logits near · top + far · bottom, and their gradients with respect to
// top and bottom to `above` and `below`.
SK_INLINE void SK_NAME(entropy_block)(
    struct SK_NAME(entropy_sums) *sums, v16 *above, v16 *below, const v16 *top, const v16 *bottom,
    float near, float far, v16i label, const struct resized_entropy_args *args, int gradient) {
  size_t classes = args->resized.shape.c;
  const v16 zero = {0};
  _Alignas(64) v16 z[PIXEL_CLASSES];
  v16 largest = z[0] = near * top[0] + far * bottom[0];
  for (size_t c = 1; c < classes; c++) {
    z[c] = near * top[c] + far * bottom[c];
    largest = SK_NAME(max16)(largest, z[c]);
  }
  v16 sum = zero, target = zero, factor = zero;
  for (size_t c = 0; c < classes; c++) {
    v16 d = z[c] - largest;
    v16i is_target = label == (int32_t)c;
    target = SK_NAME(select16)(is_target, d, target);
    factor = SK_NAME(select16)(is_target, SK_NAME(splat16)(args->factor[c]), factor);
    z[c] = SK_NAME(exp16_below)(d);
    sum += z[c];
  }
  // Selected, not multiplied: an ignored pixel may hold anything.
  v16 loss = SK_NAME(select16)(label < 0, zero, SK_NAME(log16)(sum) - target);
  SK_NAME(v16d) weight = __builtin_convertvector(factor, SK_NAME(v16d));
  sums->losses += weight * __builtin_convertvector(loss, SK_NAME(v16d));
  sums->weights += weight;
  sums->counts -= label >= 0;
  if (!gradient) return;
  v16 scale = factor / sum;
  for (size_t c = 0; c < classes; c++) {
    v16 g = SK_NAME(select16)(label < 0, zero, z[c] * scale);
    g = SK_NAME(select16)(label == (int32_t)c, g - factor, g);
    above[c] += near * g;
    below[c] += far * g;
  }
}

// The output rows between `bands` input rows and those below them, block of columns by block of columns.
SK_INLINE void SK_NAME(entropy_rows)(
    const struct resized_entropy_args *args, size_t task, int gradient) {
  const struct resized *resized = &args->resized;
  const struct sk_resize_shape *shape = &resized->shape;
  size_t image = task / resized->tasks, begin = task % resized->tasks * resized->bands;
  size_t end = begin + resized->bands < shape->h ? begin + resized->bands : shape->h;
  size_t width = shape->w * shape->c, padded = (shape->c + 15) / 16 * 16;
  const float *logits = args->logits + image * shape->h * width;
  const uint8_t *labels = args->labels + image * shape->p * shape->q;
  float *rows = args->rows + task * (resized->bands + 1) * resized->row_floats;
  if (gradient) memset(rows, 0, (resized->bands + 1) * resized->row_floats * sizeof *rows);
  _Alignas(64) v16 memory[4][PIXEL_CLASSES];
  struct SK_NAME(entropy_sums) sums = {{0}, {0}, {0}};
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
        v16i label =
            SK_NAME(load_labels)(labels + p * shape->q + q, shape->c, count, args->ignore);
        SK_NAME(entropy_block)(
            &sums, above, below, top, bottom, resized->rows.near[p], resized->rows.far[p], label,
            args, gradient);
      }
      if (gradient)
        SK_NAME(spread_block)(rows + (h - begin) * resized->row_floats, above, resized, block);
      other = top, top = bottom, bottom = other;
      other = above, above = below, below = other;
    }
    if (gradient)
      SK_NAME(spread_block)(rows + (end - begin) * resized->row_floats, above, resized, block);
  }
  double *result = args->sums + 3 * task;
  result[0] = result[1] = result[2] = 0;
  for (size_t lane = 0; lane < 16; lane++) {
    result[0] += sums.losses[lane];
    result[1] += sums.weights[lane];
    result[2] += sums.counts[lane];
  }
}

static void SK_NAME(entropy_task)(void *context, size_t task, int32_t worker) {
  (void)worker;
  SK_NAME(entropy_rows)(context, task, 0);
}

static void SK_NAME(entropy_and_gradient_task)(void *context, size_t task, int32_t worker) {
  (void)worker;
  SK_NAME(entropy_rows)(context, task, 1);
}

static void SK_NAME(entropy_fold)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct resized_entropy_args *args = context;
  SK_NAME(fold_row)(args->dz, &args->resized, args->rows, chunk, args->scale, 0);
}

#endif
