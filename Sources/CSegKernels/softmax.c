#ifndef SK_VARIANT
#include "sk_softmax.h"

#include <string.h>

enum { ROWS = 1024 };

struct softmax_args {
  float *out;
  const float *in, *y;
  size_t rows, classes;
  int32_t accumulate;
};

#define SK_SOURCE "softmax.c"
#include "variants.h"

void sk_softmax(sk_pool *pool, float *y, const float *x, size_t rows, size_t classes) {
  struct softmax_args args = {.out = y, .in = x, .rows = rows, .classes = classes};
  sk_parallel_for(pool, (rows + ROWS - 1) / ROWS, SK_PICK(pool, softmax_chunk), &args);
}

void sk_softmax_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t rows, size_t classes,
    int32_t accumulate) {
  struct softmax_args args = {dx, dy, y, rows, classes, accumulate};
  sk_parallel_for(pool, (rows + ROWS - 1) / ROWS, SK_PICK(pool, softmax_gradient_chunk), &args);
}

#else
#include "vecmath.h"

// e^(x - largest) of one row, sixteen at a time; the last block may be partly filled.
static void SK_NAME(softmax_row)(float *y, const float *x, size_t classes) {
  float largest = x[0];
  for (size_t k = 1; k < classes; k++) largest = x[k] > largest ? x[k] : largest;
  double sum = 0;
  for (size_t k = 0; k < classes; k += 16) {
    size_t width = classes - k < 16 ? classes - k : 16;
    v16 block = {0};
    memcpy(&block, x + k, width * sizeof(float));
    block = SK_NAME(exp16)(block - largest);
    memcpy(y + k, &block, width * sizeof(float));
    for (size_t i = 0; i < width; i++) sum += y[k + i];
  }
  float scale = (float)(1 / sum);
  for (size_t k = 0; k < classes; k++) y[k] *= scale;
}

static void SK_NAME(softmax_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct softmax_args *args = context;
  size_t begin = chunk * ROWS, end = begin + ROWS < args->rows ? begin + ROWS : args->rows;
  for (size_t row = begin; row < end; row++)
    SK_NAME(softmax_row)(args->out + row * args->classes, args->in + row * args->classes, args->classes);
}

static void SK_NAME(softmax_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct softmax_args *args = context;
  size_t classes = args->classes, begin = chunk * ROWS;
  size_t end = begin + ROWS < args->rows ? begin + ROWS : args->rows;
  for (size_t row = begin; row < end; row++) {
    float *dx = args->out + row * classes;
    const float *dy = args->in + row * classes, *y = args->y + row * classes;
    double sum = 0;
    for (size_t k = 0; k < classes; k++) sum += (double)dy[k] * y[k];
    for (size_t k = 0; k < classes; k++) {
      float value = y[k] * (dy[k] - (float)sum);
      dx[k] = args->accumulate ? dx[k] + value : value;
    }
  }
}

#endif
