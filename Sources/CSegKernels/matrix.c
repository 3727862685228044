#ifndef SK_VARIANT
#include "matrix.h"

// Inner products are cut at this length. Each cut reads and writes C once more, which costs more than a panel of B that
// does not fit the first-level cache.
enum { INNER = 1024, SPAN = 256 };

#define SK_SOURCE "matrix.c"
#include "variants.h"

const sk_matrix *sk_matrix_of(int32_t isa) {
#if defined(__x86_64__)
  if (isa == SK_AVX512) return &matrix_avx512;
  if (isa == SK_AVX2) return &matrix_avx2;
#endif
  return &matrix_generic;
}

#else
#include "native.h"

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

// `rows` x `vectors` of C over an inner length k; A's element (i, p) is a[i * row + p * step].
SK_INLINE void SK_NAME(block)(
    const size_t rows, const size_t vectors, size_t k, const float *a, size_t row, size_t step, const float *b,
    size_t b_row, float *c, size_t c_row, int32_t accumulate, size_t segments, size_t a_segment) {
  vec sum[ROWS][2], total[ROWS][2];
  // Sums of up to SPAN products are added to one another: rounding errors grow with the length of a sum.
  size_t done = 0;
  do {
    size_t span = k - done < SPAN ? k - done : SPAN;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (size_t j = 0; j < vectors; j++) sum[i][j] = splat(0);
    for (size_t segment = 0; segment < segments; segment++) {
      // A pointer for every four rows: the others are within reach of x86's address arithmetic.
      const float *a0 = a + segment * a_segment + done * step, *a4 = a0 + 4 * row, *a8 = a0 + 8 * row;
      for (size_t p = 0; p < span; p++) {
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
        a0 += step, a4 += step, a8 += step, b += b_row;
      }
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
      for (size_t j = 0; j < vectors; j++) total[i][j] = done ? total[i][j] + sum[i][j] : sum[i][j];
    done += span;
  } while (done < k);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (size_t j = 0; j < vectors; j++) {
      float *to = c + i * c_row + j * VL;
      store(to, accumulate ? load(to) + total[i][j] : total[i][j]);
    }
}

#undef CASE
#define CASE(n)                                                                                       \
  case n:                                                                                             \
    if (n > (transposed ? ROWS_AT : ROWS)) break;                                                     \
    if (vectors == 2)                                                                                 \
      SK_NAME(block)(n, 2, k, a, transposed ? 1 : row, transposed ? row : 1, b, b_row, c, c_row, accumulate, \
                      segments, a_segment);                                                           \
    else                                                                                              \
      SK_NAME(block)(n, 1, k, a, transposed ? 1 : row, transposed ? row : 1, b, b_row, c, c_row, accumulate, \
                      segments, a_segment);                                                           \
    break;

SK_INLINE void SK_NAME(any_rows)(
    const int transposed, size_t rows, size_t vectors, size_t k, const float *a, size_t row, const float *b,
    size_t b_row, float *c, size_t c_row, int32_t accumulate, size_t segments, size_t a_segment) {
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
  }
}

// The last columns of C where they do not fill a vector: through a block of its own.
SK_INLINE void SK_NAME(edge)(
    const int transposed, size_t rows, size_t columns, size_t k, const float *a, size_t row, const float *b,
    size_t b_row, float *c, size_t c_row, int32_t accumulate, size_t segments, size_t a_segment) {
  float block[ROWS * 2 * VL];
  SK_NAME(any_rows)(transposed, rows, columns > VL ? 2 : 1, k, a, row, b, b_row, block, 2 * VL, 0, segments,
                    a_segment);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      float *to = c + i * c_row + j;
      *to = accumulate ? *to + block[i * 2 * VL + j] : block[i * 2 * VL + j];
    }
}

SK_INLINE void SK_NAME(all)(const int transposed, const sk_product *q) {
  const size_t most = transposed ? ROWS_AT : ROWS, width = 2 * VL;
  // Rows are shared out evenly: five blocks of 10 beat four of 12 and one of 2.
  size_t blocks = (q->m + most - 1) / most, segments = q->segments > 1 ? q->segments : 1;
  size_t p = 0;
  do {
    size_t k = segments > 1 || q->k - p < INNER ? q->k - p : INNER;
    int32_t accumulate = q->accumulate || p > 0;
    const float *a = q->a + (transposed ? p * q->a_row : p);
    for (size_t j = 0; j < q->n; j += width) {
      const float *b = q->b + j / width * q->b_panel + p * q->b_row;
      size_t columns = q->n - j < width ? q->n - j : width;
      for (size_t block = 0; block < blocks; block++) {
        size_t first = q->m * block / blocks, rows = q->m * (block + 1) / blocks - first;
        const float *left = a + (transposed ? first : first * q->a_row);
        float *c = q->c + first * q->c_row + j;
        if (columns % VL == 0)
          SK_NAME(any_rows)(transposed, rows, columns / VL, k, left, q->a_row, b, q->b_row, c, q->c_row, accumulate,
                            segments, q->a_segment);
        else
          SK_NAME(edge)(transposed, rows, columns, k, left, q->a_row, b, q->b_row, c, q->c_row, accumulate, segments,
                        q->a_segment);
      }
    }
    p += k;
  } while (p < q->k);
}

static void SK_NAME(product)(const sk_product *product) { SK_NAME(all)(0, product); }
static void SK_NAME(product_at)(const sk_product *product) { SK_NAME(all)(1, product); }

static const sk_matrix SK_NAME(matrix) = {2 * VL, SK_NAME(product), SK_NAME(product_at)};
#endif
