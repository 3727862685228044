#ifndef SK_VARIANT
#include <string.h>

#include "max_pool.h"
#include "sk_max_pool.h"

struct max_pool_gradient_args {
  float *dx;
  const float *dy;
  const uint8_t *places;
  struct sk_pool_shape shape;
  int32_t accumulate;
  // Where an activation of x was pooled.
  sk_conv2d_input x;
  size_t tasks;
  double *partial;
  float *sums;  // (worker, 2, channels), of a few pixels
};

enum {
  MOST_TASKS = 64,  // that keep sums
  GROUP = 16        // pixels whose sums are taken in single precision
};

// The windows that cover pixel `index` of an axis with `windows` of them.
static inline struct span windows_of(
    size_t index, size_t windows, const struct sk_pool_shape *shape) {
  size_t shifted = index + shape->padding;
  struct span span = {0, shifted / shape->stride + 1};
  if (shifted >= shape->kernel) span.begin = (shifted - shape->kernel) / shape->stride + 1;
  if (span.end > windows) span.end = windows;
  return span;
}

enum { MOST_TAPS = 16 };  // along one axis of a window

// A window that covers a pixel: where it is, and which of its positions the pixel is.
struct covering {
  size_t source;
  int32_t place;
};

#define SK_SOURCE "max_pool_gradient.c"
#include "variants.h"

void sk_max_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, const uint8_t *places, struct sk_pool_shape shape,
    int32_t accumulate) {
  struct max_pool_gradient_args args = {
      .dx = dx, .dy = dy, .places = places, .shape = shape, .accumulate = accumulate};
  sk_parallel_for(pool, shape.n * shape.h, SK_PICK(pool, max_pool_gradient_row), &args);
}

size_t sk_max_pool_activation_gradient_tasks(struct sk_pool_shape shape) {
  size_t rows = shape.n * shape.h;
  return rows < MOST_TASKS ? rows : MOST_TASKS;
}

size_t sk_max_pool_activation_gradient_bytes(struct sk_pool_shape shape, int32_t workers) {
  return (size_t)workers * 2 * shape.c * sizeof(float);
}

void sk_max_pool_activation_gradient(
    sk_pool *pool, float *g, const float *dy, const uint8_t *places, const sk_conv2d_input *x, struct sk_pool_shape shape,
    double *partial, void *scratch) {
  struct max_pool_gradient_args args = {
      .dx = g, .dy = dy, .x = *x, .places = places, .shape = shape, .partial = partial, .sums = scratch,
      .tasks = sk_max_pool_activation_gradient_tasks(shape)};
  sk_parallel_for(pool, args.tasks, SK_PICK(pool, max_pool_gradient_band), &args);
}

#else
#include "vecmath.h"

// dx of one pixel: the sum of dy over `count` windows whose largest value it may be. Where an activation of `x` was pooled,
// 0 unless that is positive, and added to `sums` (2, channels).
SK_INLINE void SK_NAME(max_pool_gradient_pixel)(
    const int activated, const sk_activation *activation, const float *x, float *sums, float *dx, const float *dy,
    const uint8_t *places, const struct covering *windows, size_t count, size_t channels, int32_t accumulate) {
  size_t i = 0;
  for (; i + 16 <= channels; i += 16) {
    v16 sum = accumulate ? SK_NAME(load16)(dx + i) : (v16){0};
    for (size_t k = 0; k < count; k++) {
      size_t source = windows[k].source + i;
      v16i place = __builtin_convertvector(*(const u8x16 *)(const void *)(places + source), v16i);
      v16i chosen = (v16i)(place == windows[k].place);
      sum += (v16)((v16i)SK_NAME(loaded16)(dy + source) & chosen);
    }
    if (activated) {
      v16 centred = SK_NAME(load16)(x + i) - SK_NAME(load16)(activation->mean + i);
      v16 value = centred * SK_NAME(load16)(activation->scale + i) + SK_NAME(load16)(activation->shift + i);
      sum = (v16)((v16i)sum & (v16i)(value > 0.0f));
      SK_NAME(store16)(sums + i, SK_NAME(load16)(sums + i) + sum);
      SK_NAME(store16)(sums + channels + i, SK_NAME(load16)(sums + channels + i) + sum * centred);
    }
    SK_NAME(store16)(dx + i, sum);
  }
  for (; i < channels; i++) {
    float sum = accumulate ? dx[i] : 0;
    for (size_t k = 0; k < count; k++) {
      size_t source = windows[k].source + i;
      if (places[source] == windows[k].place) sum += dy[source];
    }
    if (activated) {
      float centred = x[i] - activation->mean[i];
      if (!(centred * activation->scale[i] + activation->shift[i] > 0)) sum = 0;
      sums[i] += sum, sums[channels + i] += sum * centred;
    }
    dx[i] = sum;
  }
}

// Adds the sums of a few pixels to a task's totals, and clears them.
static void SK_NAME(flush)(float *sums, double *totals, size_t count) {
  for (size_t i = 0; i < count; i++) totals[i] += (double)sums[i], sums[i] = 0;
}

// One row of pixels; `totals`: of the task, where an activation was pooled.
SK_INLINE void SK_NAME(max_pool_gradient_pixels)(
    const int activated, const struct max_pool_gradient_args *args, size_t chunk, float *sums, double *totals) {
  const struct sk_pool_shape *shape = &args->shape;
  size_t image = chunk / shape->h, h = chunk % shape->h, channels = shape->c;
  const float *dy = args->dy + image * shape->p * shape->q * channels;
  const uint8_t *places = args->places + image * shape->p * shape->q * channels;
  struct span rows = windows_of(h, shape->p, shape);
  struct covering windows[MOST_TAPS * MOST_TAPS];
  for (size_t w = 0; w < shape->w; w++) {
    size_t target = (chunk * shape->w + w) * channels;
    struct span columns = windows_of(w, shape->q, shape);
    size_t count = 0;
    for (size_t p = rows.begin; p < rows.end; p++)
      for (size_t q = columns.begin; q < columns.end; q++) {
        size_t r = h + shape->padding - p * shape->stride;
        size_t s = w + shape->padding - q * shape->stride;
        windows[count].source = (p * shape->q + q) * channels;
        windows[count++].place = (int32_t)(r * shape->kernel + s);
      }
    SK_NAME(max_pool_gradient_pixel)(
        activated, &args->x.activation, activated ? args->x.x + target : NULL, sums, args->dx + target, dy, places,
        windows, count, channels, args->accumulate);
    if (activated && (w % GROUP == GROUP - 1 || w + 1 == shape->w)) SK_NAME(flush)(sums, totals, 2 * channels);
  }
}

static void SK_NAME(max_pool_gradient_row)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  SK_NAME(max_pool_gradient_pixels)(0, context, chunk, NULL, NULL);
}

static void SK_NAME(max_pool_gradient_band)(void *context, size_t chunk, int32_t worker) {
  const struct max_pool_gradient_args *args = context;
  size_t rows = args->shape.n * args->shape.h, channels = args->shape.c;
  float *sums = args->sums + 2 * (size_t)worker * channels;
  double *totals = args->partial + 2 * chunk * channels;
  memset(sums, 0, 2 * channels * sizeof *sums);
  memset(totals, 0, 2 * channels * sizeof *totals);
  for (size_t row = rows * chunk / args->tasks; row < rows * (chunk + 1) / args->tasks; row++)
    SK_NAME(max_pool_gradient_pixels)(1, args, row, sums, totals);
}

#endif
