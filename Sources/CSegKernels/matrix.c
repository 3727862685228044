#ifndef SK_VARIANT
#include "matrix.h"

enum {
  // Inner products are cut at this length. Each cut reads and writes C once more, which costs more than a panel of B that
  // does not fit the first-level cache.
  INNER = 1024,
  SPAN = 256,  // products summed before they are added to a total, where a caller does not say
  LINE = 16,   // floats of a cache line
  GROUP = 24,  // rows whose sums are taken in single precision
  // Panels a row of blocks crosses before the next one, while they stay in the second-level cache: rows of C are then
  // written and read in long pieces, which memory prefers.
  STRIP = 4,
  STRIP_FLOATS = 1 << 16
};

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
#include "matrix_block.h"

SK_INLINE void SK_NAME(fetch_some)(sk_fetch *fetch) {
  sk_area *from = &fetch->areas[fetch->areas[0].rows == 0], area = *from;
  for (size_t i = 0; i < fetch->lines_a_block && area.rows > 0; i++) {
    __builtin_prefetch(area.row + area.column, 0, 2);
    area.column += LINE;
    if (area.column < area.width) continue;
    area.column = 0, area.row += area.pitch, area.rows--;
  }
  *from = area;
}

// The share of `q->ahead` that the block at (first, j) fetches.
SK_INLINE void SK_NAME(look_ahead)(const sk_product *q, size_t first, size_t j, struct SK_NAME(operands) *o) {
  size_t across = (q->n + 2 * VL - 1) / (2 * VL), down = (q->m + ROWS - 1) / ROWS;
  size_t block = (first * down + q->m - 1) / q->m * across + j / (2 * VL);
  size_t share = (q->ahead_floats / LINE + down * across - 1) / (down * across), begin = block * share * LINE;
  if (begin >= q->ahead_floats) return;
  o->ahead = q->ahead + begin;
  o->ahead_end = q->ahead + (q->ahead_floats - begin < share * LINE ? q->ahead_floats : begin + share * LINE);
  o->ahead_lines = (share * LINE + o->k - 1) / o->k;
}

// The block of rows [first, first + rows) and columns [j, j + columns), for an inner length of k from p on.
SK_INLINE void SK_NAME(block_at)(
    const int transposed, const sk_product *q, size_t p, size_t k, size_t first, size_t rows, size_t j, size_t columns,
    int32_t is_first, const struct SK_NAME(finishing) *f) {
  struct SK_NAME(operands) o = {
      .k = k, .a = q->a + (transposed ? p * q->a_row + first : p + first * q->a_row), .row = transposed ? 1 : q->a_row,
      .step = transposed ? q->a_row : 1, .b = q->b + j / (2 * VL) * q->b_panel + p * q->b_row, .b_row = q->b_row,
      .c = q->c + first * q->c_row + j, .c_row = q->c_row, .accumulate = q->accumulate || p > 0,
      .span = q->span ? q->span : SPAN,
      .segments = q->segments > 1 ? q->segments : 1, .a_segment = q->a_segment};
  if (!transposed && q->ahead) SK_NAME(look_ahead)(q, first, j, &o);
  if (is_first && !transposed && q->is_far && first + rows < q->m) o.next = o.a + rows * q->a_row;
  if (columns % VL == 0)
    SK_NAME(any_rows)(transposed, rows, columns / VL, &o, f);
  else
    SK_NAME(edge)(transposed, rows, columns, &o);
}

// Columns [begin, end), all rows, for the last k of the inner length from p on, finished.
SK_INLINE void SK_NAME(finished_strip)(const sk_product *q, size_t p, size_t k, size_t begin, size_t end) {
  // Sums go to the totals after the same rows in every variant.
  const size_t groups = (q->m + GROUP - 1) / GROUP, blocks = groups * (GROUP / ROWS), width = 2 * VL;
  const sk_ending *ending = q->ending;
  struct SK_NAME(sums) sums[STRIP][2] = {0};
  for (size_t block = 0; block < blocks; block++) {
    size_t first = q->m * block / blocks, rows = q->m * (block + 1) / blocks - first;
    for (size_t j = begin; j < end; j += width) {
      size_t columns = end - j < width ? end - j : width;
      struct SK_NAME(sums) *sum = sums[(j - begin) / width];
      struct SK_NAME(finishing) f = {
          .ending = ending, .at = ending->at + first * ending->channels + j, .channel = ending->channel + j, .sums = sum};
      f.next = j + width < end ? f.at + width : ending->at + (first + rows) * ending->channels + begin;
      SK_NAME(block_at)(0, q, p, k, first, rows, j, columns, j == begin, &f);
      if (!ending->totals || (block + 1) % (blocks / groups) > 0) continue;
      for (size_t i = 0; i < columns; i += VL) {
        SK_NAME(add_sums)(ending->out->sums, &sum[i / VL], ending->totals, ending->channels, ending->channel + j + i);
        sum[i / VL] = (struct SK_NAME(sums)){0};
      }
    }
  }
}

SK_INLINE void SK_NAME(all)(const int transposed, const sk_product *q) {
  // Rows are shared out evenly: five blocks of 10 beat four of 12 and one of 2.
  const size_t most = transposed ? ROWS_AT : ROWS, blocks = (q->m + most - 1) / most, width = 2 * VL;
  size_t p = 0;
  do {
    size_t k = q->segments > 1 || q->k - p < INNER ? q->k - p : INNER, across = transposed ? width : STRIP * width;
    while (across > width && k * across > STRIP_FLOATS) across /= 2;
    for (size_t strip = 0; strip < q->n; strip += across) {
      size_t end = q->n - strip < across ? q->n : strip + across;
      if (!transposed && q->ending && p + k >= q->k) {
        SK_NAME(finished_strip)(q, p, k, strip, end);
        continue;
      }
      for (size_t block = 0; block < blocks; block++) {
        size_t first = q->m * block / blocks, rows = q->m * (block + 1) / blocks - first;
        for (size_t j = strip; j < end; j += width) {
          if (transposed && q->fetch) SK_NAME(fetch_some)(q->fetch);
          SK_NAME(block_at)(transposed, q, p, k, first, rows, j, end - j < width ? end - j : width, j == strip,
                            &(struct SK_NAME(finishing)){0});
        }
      }
    }
    p += k;
  } while (p < q->k);
}

static void SK_NAME(product)(const sk_product *product) { SK_NAME(all)(0, product); }
static void SK_NAME(product_at)(const sk_product *product) { SK_NAME(all)(1, product); }

static const sk_matrix SK_NAME(matrix) = {2 * VL, ROWS_AT, SK_NAME(product), SK_NAME(product_at)};
#endif
