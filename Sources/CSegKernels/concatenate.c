#ifndef SK_VARIANT
#include "sk_concatenate.h"

enum { CHUNK = 32768 };

struct columns_args {
  float *y;
  const float *x;
  size_t y_stride, x_stride, rows, columns, chunk_rows;
  int32_t accumulate;
};

#define SK_SOURCE "concatenate.c"
#include "variants.h"

void sk_copy_columns(
    sk_pool *pool, float *y, size_t y_stride, const float *x, size_t x_stride, size_t rows,
    size_t columns, int32_t accumulate) {
  if (columns == 0) return;
  struct columns_args args = {
      .y = y, .x = x, .y_stride = y_stride, .x_stride = x_stride, .rows = rows,
      .columns = columns, .chunk_rows = (CHUNK + columns - 1) / columns, .accumulate = accumulate};
  size_t chunks = (rows + args.chunk_rows - 1) / args.chunk_rows;
  sk_parallel_for(pool, chunks, SK_PICK(pool, copy_columns_chunk), &args);
}

#else
#include "vecmath.h"

static void SK_NAME(copy_columns_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct columns_args *args = context;
  size_t begin = chunk * args->chunk_rows, end = begin + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  size_t columns = args->columns;
  for (size_t row = begin; row < end; row++) {
    float *restrict y = args->y + row * args->y_stride;
    const float *restrict x = args->x + row * args->x_stride;
    size_t i = 0;
    if (args->accumulate) {
      for (; i + 16 <= columns; i += 16)
        SK_NAME(store16)(y + i, SK_NAME(load16)(y + i) + SK_NAME(load16)(x + i));
      for (; i < columns; i++) y[i] += x[i];
    } else {
      for (; i + 16 <= columns; i += 16) SK_NAME(store16)(y + i, SK_NAME(load16)(x + i));
      for (; i < columns; i++) y[i] = x[i];
    }
  }
}

#endif
