#ifndef SK_VARIANT
#include "sk_batch_norm_statistics.h"

#include "channel_sums.h"

#include <math.h>

struct statistics_args {
  float *mean, *variance, *inverse_std;
  const float *x;
  size_t rows, channels, chunk_rows, chunks;
  double epsilon, *partial;
};

#define SK_SOURCE "batch_norm_statistics.c"
#include "variants.h"

// Adds the chunks' sums in order, for a block of channels.
static void finish(void *context, size_t block, int32_t worker) {
  (void)worker;
  const struct statistics_args *args = context;
  size_t channels = args->channels, begin = block * SUM_CHANNELS, end = begin + SUM_CHANNELS;
  if (end > channels) end = channels;
  double n = (double)args->rows;
  for (size_t c = begin; c < end; c++) {
    double sum = 0, squares = 0;
    for (size_t chunk = 0; chunk < args->chunks; chunk++) {
      sum += args->partial[2 * chunk * channels + c];
      squares += args->partial[(2 * chunk + 1) * channels + c];
    }
    double variance = (squares - sum * sum / n) / n;
    if (variance < 0) variance = 0;
    args->mean[c] = (float)((double)args->x[c] + sum / n);
    args->variance[c] = (float)variance;
    args->inverse_std[c] = (float)(1 / sqrt(variance + args->epsilon));
  }
}

size_t sk_batch_norm_statistics_bytes(size_t rows, size_t channels) {
  return sum_bytes(rows, channels);
}

void sk_batch_norm_statistics(
    sk_pool *pool, float *mean, float *variance, float *inverse_std, const float *x, size_t rows,
    size_t channels, double epsilon, double *partial) {
  struct statistics_args args = {
      .mean = mean, .variance = variance, .inverse_std = inverse_std, .x = x, .rows = rows,
      .channels = channels, .chunk_rows = sum_chunk_rows(rows, channels),
      .chunks = sum_chunks(rows, channels), .epsilon = epsilon, .partial = partial};
  sk_parallel_for(pool, args.chunks, SK_PICK(pool, sums_chunk), &args);
  sk_parallel_for(pool, sum_final_tasks(channels), finish, &args);
}

#else

// Sums of d and d * d for d = x - shift, where shift is the first pixel: E[x^2] - E[x]^2 of values
// far from 0 would lose what tells them apart, even in double.
static void SK_NAME(sums_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct statistics_args *args = context;
  size_t channels = args->channels, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  const float *restrict shift = args->x;
  double *restrict sum = args->partial + 2 * chunk * channels, *restrict squares = sum + channels;
  for (size_t c = 0; c < channels; c++) sum[c] = squares[c] = 0;
  for (; row + 4 <= end; row += 4) {
    const float *x0 = args->x + row * channels, *x1 = x0 + channels, *x2 = x1 + channels,
                *x3 = x2 + channels;
    for (size_t c = 0; c < channels; c++) {
      double s = shift[c], d0 = x0[c] - s, d1 = x1[c] - s, d2 = x2[c] - s, d3 = x3[c] - s;
      sum[c] += (d0 + d1) + (d2 + d3);
      squares[c] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
    }
  }
  for (; row < end; row++) {
    const float *x = args->x + row * channels;
    for (size_t c = 0; c < channels; c++) {
      double d = x[c] - (double)shift[c];
      sum[c] += d;
      squares[c] += d * d;
    }
  }
}

#endif
