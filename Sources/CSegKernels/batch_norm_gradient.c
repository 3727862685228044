#ifndef SK_VARIANT
#include "sk_batch_norm_gradient.h"

#include "channel_sums.h"

enum { CHUNK = 32768 };

struct gradient_args {
  float *dx, *dgamma, *dbeta;
  const float *dy, *x, *mean, *inverse_std;
  const float *scale, *mean_dy, *slope;
  size_t rows, channels, chunk_rows, chunks;
  int32_t accumulate, accumulate_dgamma, accumulate_dbeta;
  double *partial;
};

#define SK_SOURCE "batch_norm_gradient.c"
#include "variants.h"

// Adds the chunks' sums in order, for a block of channels.
static void finish(void *context, size_t block, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  size_t channels = args->channels, begin = block * SUM_CHANNELS, end = begin + SUM_CHANNELS;
  if (end > channels) end = channels;
  for (size_t c = begin; c < end; c++) {
    double sum = 0, products = 0;
    for (size_t chunk = 0; chunk < args->chunks; chunk++) {
      sum += args->partial[2 * chunk * channels + c];
      products += args->partial[(2 * chunk + 1) * channels + c];
    }
    float dgamma = (float)(products * args->inverse_std[c]), dbeta = (float)sum;
    args->dgamma[c] = args->accumulate_dgamma ? args->dgamma[c] + dgamma : dgamma;
    args->dbeta[c] = args->accumulate_dbeta ? args->dbeta[c] + dbeta : dbeta;
  }
}

size_t sk_batch_norm_gradient_sums_bytes(size_t rows, size_t channels) {
  return sum_bytes(rows, channels);
}

void sk_batch_norm_gradient_sums(
    sk_pool *pool, float *dgamma, float *dbeta, const float *dy, const float *x, const float *mean,
    const float *inverse_std, size_t rows, size_t channels, int32_t accumulate_dgamma,
    int32_t accumulate_dbeta, double *partial) {
  struct gradient_args args = {
      .dgamma = dgamma, .dbeta = dbeta, .dy = dy, .x = x, .mean = mean,
      .inverse_std = inverse_std, .rows = rows, .channels = channels,
      .chunk_rows = sum_chunk_rows(rows, channels), .chunks = sum_chunks(rows, channels),
      .accumulate_dgamma = accumulate_dgamma, .accumulate_dbeta = accumulate_dbeta,
      .partial = partial};
  sk_parallel_for(pool, args.chunks, SK_PICK(pool, sums_chunk), &args);
  sk_parallel_for(pool, sum_final_tasks(channels), finish, &args);
}

void sk_batch_norm_gradient_input(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *dgamma, const float *dbeta,
    size_t rows, size_t channels, int32_t accumulate, float *scratch) {
  float *scale = scratch, *mean_dy = scratch + channels, *slope = scratch + 2 * channels;
  for (size_t c = 0; c < channels; c++) {
    scale[c] = gamma[c] * inverse_std[c];
    mean_dy[c] = (float)((double)dbeta[c] / (double)rows);
    slope[c] = (float)((double)dgamma[c] * inverse_std[c] / (double)rows);
  }
  struct gradient_args args = {
      .dx = dx, .dy = dy, .x = x, .mean = mean, .scale = scale, .mean_dy = mean_dy,
      .slope = slope, .rows = rows, .channels = channels,
      .chunk_rows = (CHUNK + channels - 1) / channels, .accumulate = accumulate};
  sk_parallel_for(
      pool, (rows + args.chunk_rows - 1) / args.chunk_rows, SK_PICK(pool, input_chunk), &args);
}

void sk_batch_norm_gradient_fixed(
    sk_pool *pool, float *dx, const float *dy, const float *inverse_std, const float *gamma,
    size_t rows, size_t channels, int32_t accumulate, float *scratch) {
  for (size_t c = 0; c < channels; c++) scratch[c] = gamma[c] * inverse_std[c];
  struct gradient_args args = {
      .dx = dx, .dy = dy, .scale = scratch, .rows = rows, .channels = channels,
      .chunk_rows = (CHUNK + channels - 1) / channels, .accumulate = accumulate};
  sk_parallel_for(
      pool, (rows + args.chunk_rows - 1) / args.chunk_rows, SK_PICK(pool, fixed_chunk), &args);
}

#else
#include "vecmath.h"

static void SK_NAME(sums_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  size_t channels = args->channels, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  const float *restrict mean = args->mean;
  double *restrict sum = args->partial + 2 * chunk * channels, *restrict products = sum + channels;
  for (size_t c = 0; c < channels; c++) sum[c] = products[c] = 0;
  for (; row + 2 <= end; row += 2) {
    const float *x0 = args->x + row * channels, *x1 = x0 + channels;
    const float *dy0 = args->dy + row * channels, *dy1 = dy0 + channels;
    for (size_t c = 0; c < channels; c++) {
      double g0 = dy0[c], g1 = dy1[c];
      sum[c] += g0 + g1;
      products[c] += g0 * (double)(x0[c] - mean[c]) + g1 * (double)(x1[c] - mean[c]);
    }
  }
  for (; row < end; row++) {
    const float *x = args->x + row * channels, *dy = args->dy + row * channels;
    for (size_t c = 0; c < channels; c++) {
      sum[c] += dy[c];
      products[c] += (double)dy[c] * (double)(x[c] - mean[c]);
    }
  }
}

static void SK_NAME(input_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  size_t channels = args->channels, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  const float *mean = args->mean, *scale = args->scale, *mean_dy = args->mean_dy,
              *slope = args->slope;
  for (; row < end; row++) {
    float *dx = args->dx + row * channels;
    const float *dy = args->dy + row * channels, *x = args->x + row * channels;
    size_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      v16 centred = SK_NAME(load16)(x + c) - SK_NAME(load16)(mean + c);
      v16 value = SK_NAME(load16)(dy + c) - SK_NAME(load16)(mean_dy + c);
      value = SK_NAME(load16)(scale + c) * (value - centred * SK_NAME(load16)(slope + c));
      if (args->accumulate) value += SK_NAME(load16)(dx + c);
      SK_NAME(store16)(dx + c, value);
    }
    for (; c < channels; c++) {
      float value = scale[c] * ((dy[c] - mean_dy[c]) - (x[c] - mean[c]) * slope[c]);
      dx[c] = args->accumulate ? dx[c] + value : value;
    }
  }
}

static void SK_NAME(fixed_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  size_t channels = args->channels, row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  const float *scale = args->scale;
  for (; row < end; row++) {
    float *dx = args->dx + row * channels;
    const float *dy = args->dy + row * channels;
    size_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      v16 value = SK_NAME(load16)(scale + c) * SK_NAME(load16)(dy + c);
      if (args->accumulate) value += SK_NAME(load16)(dx + c);
      SK_NAME(store16)(dx + c, value);
    }
    for (; c < channels; c++) {
      float value = scale[c] * dy[c];
      dx[c] = args->accumulate ? dx[c] + value : value;
    }
  }
}

#endif
