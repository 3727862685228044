#ifndef SK_VARIANT
#include "sk_softmax.h"

enum { CHUNK = 16384 };

struct softmax_args {
  float *out;
  const float *in, *y;
  size_t rows, c, chunk_rows;
  size_t grouped_rows;  // rows from the start that are taken sixteen at a time
  int32_t accumulate;
};

// Whole groups of sixteen rows.
static size_t rows_per_chunk(size_t c) { return (CHUNK / c + 16) / 16 * 16; }

#define SK_SOURCE "softmax.c"
#include "variants.h"

// Rows of few columns would leave most lanes of a vector idle.
static size_t grouped_rows(size_t rows, size_t c) {
  return c <= ROWS16_COLUMNS ? rows16_whole(rows, c) : 0;
}

void sk_softmax(sk_pool *pool, float *y, const float *x, size_t rows, size_t c) {
  if (c == 0) return;
  struct softmax_args args = {
      .out = y, .in = x, .rows = rows, .c = c, .chunk_rows = rows_per_chunk(c), .grouped_rows = grouped_rows(rows, c)};
  size_t chunks = (rows + args.chunk_rows - 1) / args.chunk_rows;
  sk_parallel_for(pool, chunks, SK_PICK(pool, softmax_chunk), &args);
}

void sk_softmax_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t rows, size_t c,
    int32_t accumulate) {
  if (c == 0) return;
  struct softmax_args args = {
      .out = dx, .in = dy, .y = y, .rows = rows, .c = c, .chunk_rows = rows_per_chunk(c), .grouped_rows = grouped_rows(rows, c),
      .accumulate = accumulate};
  size_t chunks = (rows + args.chunk_rows - 1) / args.chunk_rows;
  sk_parallel_for(pool, chunks, SK_PICK(pool, softmax_gradient_chunk), &args);
}

#else
#include "vecmath.h"
#include "rows16.h"

// One row of any length. What is left after whole vectors is taken with the vector that ends the row.
static void SK_NAME(softmax_row)(float *restrict y, const float *restrict x, size_t c) {
  const float lowest = -__builtin_inff();
  size_t whole = c / 16 * 16, rest = c - whole, back = c < 16 ? 0 : c - 16;
  v16 tail = c < 16 ? SK_NAME(load16_part)(x, c, lowest) : SK_NAME(load16)(x + back);
  v16 most = tail;
  for (size_t i = 0; i < whole; i += 16) most = SK_NAME(max16)(most, SK_NAME(load16)(x + i));
  v16 top = SK_NAME(splat16)(SK_NAME(max_lanes)(most));
  v16 sum = {0};
  for (size_t i = 0; i < whole; i += 16) {
    v16 e = SK_NAME(exp16)(SK_NAME(load16)(x + i) - top);
    SK_NAME(store16)(y + i, e);
    sum += e;
  }
  tail = SK_NAME(exp16)(tail - top);
  v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  v16i fresh = c < 16 ? (v16i)(lanes < (int32_t)c) : (v16i)(lanes >= (int32_t)(16 - rest));
  sum += SK_NAME(select16)(fresh, tail, (v16){0});
  float share = 1 / SK_NAME(sum_lanes)(sum);
  for (size_t i = 0; i < whole; i += 16) SK_NAME(store16)(y + i, SK_NAME(load16)(y + i) * share);
  if (c < 16)
    SK_NAME(store16_part)(y, tail * share, c);
  else
    SK_NAME(store16)(y + back, tail * share);
}

static void SK_NAME(softmax_16_rows)(float *y, const float *x, size_t c) {
  v16 t[ROWS16_COLUMNS];
  SK_NAME(load_rows16)(t, x, c);
  v16 most = t[0], sum = {0};
  for (size_t i = 1; i < c; i++) most = SK_NAME(max16)(most, t[i]);
  for (size_t i = 0; i < c; i++) {
    t[i] = SK_NAME(exp16)(t[i] - most);
    sum += t[i];
  }
  v16 share = 1 / sum;
  for (size_t i = 0; i < c; i++) t[i] *= share;
  SK_NAME(store_rows16)(y, t, c, 0);
}

static void SK_NAME(softmax_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct softmax_args *args = context;
  size_t c = args->c, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  for (; row + 16 <= end && row < args->grouped_rows; row += 16)
    SK_NAME(softmax_16_rows)(args->out + row * c, args->in + row * c, c);
  for (; row < end; row++) SK_NAME(softmax_row)(args->out + row * c, args->in + row * c, c);
}

static void SK_NAME(softmax_gradient_row)(
    float *restrict dx, const float *restrict dy, const float *restrict y, size_t c,
    int32_t accumulate) {
  size_t whole = c / 16 * 16;
  v16 sum = {0};
  for (size_t i = 0; i < whole; i += 16) sum += SK_NAME(load16)(dy + i) * SK_NAME(load16)(y + i);
  float dot = SK_NAME(sum_lanes)(sum);
  for (size_t i = whole; i < c; i++) dot += dy[i] * y[i];
  if (accumulate)
    for (size_t i = 0; i < c; i++) dx[i] += y[i] * (dy[i] - dot);
  else
    for (size_t i = 0; i < c; i++) dx[i] = y[i] * (dy[i] - dot);
}

static void SK_NAME(softmax_gradient_16_rows)(
    float *dx, const float *dy, const float *y, size_t c, int32_t accumulate) {
  v16 t[ROWS16_COLUMNS], u[ROWS16_COLUMNS];
  SK_NAME(load_rows16)(t, dy, c);
  SK_NAME(load_rows16)(u, y, c);
  v16 dot = {0};
  for (size_t i = 0; i < c; i++) dot += t[i] * u[i];
  for (size_t i = 0; i < c; i++) t[i] = u[i] * (t[i] - dot);
  SK_NAME(store_rows16)(dx, t, c, accumulate);
}

static void SK_NAME(softmax_gradient_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct softmax_args *args = context;
  size_t c = args->c, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  const float *dy = args->in, *y = args->y;
  float *dx = args->out;
  for (; row + 16 <= end && row < args->grouped_rows; row += 16)
    SK_NAME(softmax_gradient_16_rows)(dx + row * c, dy + row * c, y + row * c, c, args->accumulate);
  for (; row < end; row++)
    SK_NAME(softmax_gradient_row)(dx + row * c, dy + row * c, y + row * c, c, args->accumulate);
}

#endif
