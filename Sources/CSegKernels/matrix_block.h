// One block of a matrix product: as many rows and vectors of C as the registers hold, summed over an inner length and then
// stored, or finished as a convolution's output. Included by matrix.c, once a vector variant.
#include "native.h"
#include "conv2d_finish.h"

// Accumulators of one block: ROWS x 2 vectors. They and what is being multiplied just fit the registers.
#undef ROWS
#undef ROWS_AT
#if SK_VARIANT == 2
#define ROWS 12
#define ROWS_AT 8
#else
#define ROWS 6
#define ROWS_AT 4
#endif

// One block: A's element (i, p) is a[i * row + p * step].
struct SK_NAME(operands) {
  size_t k;
  const float *a;
  size_t row, step;
  const float *b;
  size_t b_row;
  size_t span;
  float *c;
  size_t c_row;
  int32_t accumulate;
  size_t segments, a_segment;
  const float *next;  // A's rows for the next block, to be fetched meanwhile, or NULL
  const float *ahead, *ahead_end;  // the same of a later B, `ahead_lines` for every sixteen products
  size_t ahead_lines;
};

// Where a block is finished, or `ending` NULL: `at` and `channel` of its first element, the sums of its columns, and the
// first element of the block after it.
struct SK_NAME(finishing) {
  const sk_ending *ending;
  size_t at, channel, next;
  struct SK_NAME(sums) *sums;
};

typedef vec SK_NAME(totals)[ROWS][2];

// What finishing row `i` of the next block will read: it comes while this one is multiplied.
SK_INLINE void SK_NAME(foresee)(size_t i, const struct SK_NAME(finishing) *f) {
  const sk_conv2d_output *out = f->ending->out;
  size_t at = f->next + i * f->ending->channels;
  for (size_t j = 0; j < 2 * VL; j += LINE) {
    if (out->residual) __builtin_prefetch(out->residual + at + j);
    if (out->accumulate) __builtin_prefetch(out->y + at + j, 1);
    if (out->sums == SK_GRADIENT_SUMS) __builtin_prefetch(out->z + at + j);
    if (out->activated) __builtin_prefetch(out->activated + at + j);
  }
}

SK_INLINE void SK_NAME(clear)(const size_t rows, const size_t vectors, SK_NAME(totals) sum) {
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (size_t j = 0; j < vectors; j++) sum[i][j] = splat(0);
}

// sum += one column of A, whose rows 0, 4 and 8 begin at a0, a4 and a8, times one row of B.
SK_INLINE void SK_NAME(add_products)(
    const size_t rows, const size_t vectors, const float *a0, const float *a4, const float *a8, size_t row, const float *b,
    SK_NAME(totals) sum) {
  vec right[2];
#pragma clang loop unroll(full)
  for (size_t j = 0; j < vectors; j++) right[j] = load(b + j * VL);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++) {
    const float *from = i < 4 ? a0 : i < 8 ? a4 : a8;
    vec left = splat(from[(i & 3) * row]);
#pragma clang loop unroll(full)
    for (size_t j = 0; j < vectors; j++) sum[i][j] = fused(left, right[j], sum[i][j]);
  }
}

// Products of `rows` x `vectors` elements.
SK_INLINE void SK_NAME(multiply)(
    const size_t rows, const size_t vectors, const struct SK_NAME(operands) *o, const struct SK_NAME(finishing) *f,
    SK_NAME(totals) total) {
  const float *b = o->b;
  const float *ahead = o->ahead;
  size_t done = 0, foreseen = 0, seen = f->ending ? rows : 0;
  do {
    SK_NAME(totals) sum;
    size_t span = o->k - done < o->span ? o->k - done : o->span;
    SK_NAME(clear)(rows, vectors, sum);
    for (size_t segment = 0; segment < o->segments; segment++) {
      // A pointer for every four rows: the others are within reach of x86's address arithmetic.
      const float *a0 = o->a + segment * o->a_segment + done * o->step, *a4 = a0 + 4 * o->row, *a8 = a0 + 8 * o->row;
      for (size_t p = 0; p < span;) {
        size_t stop = span - p > LINE ? p + LINE : span;
        if (foreseen < seen && foreseen * o->k <= (done + p) * rows) SK_NAME(foresee)(foreseen++, f);
        if (o->next)
#pragma clang loop unroll(full)
          for (size_t i = 0; i < rows; i++) __builtin_prefetch(o->next + i * o->row + done + p);
        for (size_t i = 0; i < o->ahead_lines && ahead < o->ahead_end; i++, ahead += LINE)
          __builtin_prefetch(ahead, 0, 2);
        for (; p < stop; p++) {
          SK_NAME(add_products)(rows, vectors, a0, a4, a8, o->row, b, sum);
          a0 += o->step, a4 += o->step, a8 += o->step, b += o->b_row;
        }
      }
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (size_t j = 0; j < vectors; j++) total[i][j] = done ? total[i][j] + sum[i][j] : sum[i][j];
    done += span;
  } while (done < o->k);
}

SK_INLINE void SK_NAME(finish_block)(
    const int32_t sums, const int32_t plain, const size_t rows, const size_t vectors, SK_NAME(totals) total,
    const struct SK_NAME(finishing) *f) {
  const sk_conv2d_output out = *f->ending->out;
  const size_t channels = f->ending->channels;
#pragma clang loop unroll(full)
  for (size_t j = 0; j < vectors; j++) {
    struct SK_NAME(sums) sum = f->sums[j];
    const struct SK_NAME(column) column = SK_NAME(column_of)(sums, &out, f->channel + j * VL);
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++)
      SK_NAME(finish)(sums, plain, &out, &column, f->at + i * channels + j * VL, total[i][j], &sum);
    f->sums[j] = sum;
  }
}

// The same, stored, of an inner length that is one sum and needs nothing fetched: most products of few channels or tiles,
// whose time would go to what surrounds the sums.
SK_INLINE void SK_NAME(short_block)(const size_t rows, const size_t vectors, const struct SK_NAME(operands) *o) {
  SK_NAME(totals) sum;
  SK_NAME(clear)(rows, vectors, sum);
  const float *a0 = o->a, *a4 = a0 + 4 * o->row, *a8 = a0 + 8 * o->row, *b = o->b;
  const size_t row = o->row, step = o->step, b_row = o->b_row;
  for (size_t p = 0; p < o->k; p++) {
    SK_NAME(add_products)(rows, vectors, a0, a4, a8, row, b, sum);
    a0 += step, a4 += step, a8 += step, b += b_row;
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (size_t j = 0; j < vectors; j++) {
      float *to = o->c + i * o->c_row + j * VL;
      store(to, o->accumulate ? load(to) + sum[i][j] : sum[i][j]);
    }
}

SK_INLINE void SK_NAME(block)(
    const size_t rows, const size_t vectors, const struct SK_NAME(operands) *o, const struct SK_NAME(finishing) *f) {
  if (!f->ending && o->k <= o->span && o->segments == 1 && !o->next && !o->ahead) {
    SK_NAME(short_block)(rows, vectors, o);
    return;
  }
  SK_NAME(totals) total;
  SK_NAME(multiply)(rows, vectors, o, f, total);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (size_t j = 0; j < vectors; j++) {
      float *to = o->c + i * o->c_row + j * VL;
      if (o->accumulate) total[i][j] = load(to) + total[i][j];
      if (!f->ending) store(to, total[i][j]);
    }
  if (!f->ending) return;
#undef FINISH
#define FINISH(sums)                                                                                      \
  (plain ? SK_NAME(finish_block)(sums, 1, rows, vectors, total, f) : SK_NAME(finish_block)(sums, 0, rows, vectors, total, f))
  const int32_t sums = f->ending->out->sums, plain = SK_NAME(is_plain)(f->ending->out);
  if (sums == SK_MOMENTS)
    FINISH(SK_MOMENTS);
  else if (sums == SK_GRADIENT_SUMS)
    FINISH(SK_GRADIENT_SUMS);
  else
    SK_NAME(finish_block)(SK_NO_SUMS, 0, rows, vectors, total, f);
}

#undef CASE
#define CASE(n)                                                                           \
  case n:                                                                                 \
    if (n > (transposed ? ROWS_AT : ROWS)) break;                                         \
    if (vectors == 2)                                                                     \
      SK_NAME(block)(n, 2, o, f);                                                         \
    else                                                                                  \
      SK_NAME(block)(n, 1, o, f);                                                         \
    break;

SK_INLINE void SK_NAME(any_rows)(
    const int transposed, size_t rows, size_t vectors, const struct SK_NAME(operands) *o,
    const struct SK_NAME(finishing) *f) {
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
  }
}

// The last columns of C where they do not fill a vector: through a block of its own.
SK_INLINE void SK_NAME(edge)(
    const int transposed, size_t rows, size_t columns, const struct SK_NAME(operands) *o) {
  float block[ROWS * 2 * VL];
  struct SK_NAME(operands) own = *o;
  own.c = block, own.c_row = 2 * VL, own.accumulate = 0;
  SK_NAME(any_rows)(transposed, rows, columns > VL ? 2 : 1, &own, &(struct SK_NAME(finishing)){0});
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      float *to = o->c + i * o->c_row + j;
      *to = o->accumulate ? *to + block[i * 2 * VL + j] : block[i * 2 * VL + j];
    }
}
