#ifndef SK_VARIANT
#include "sk_batch_norm_gradient.h"

#include "channel_sums.h"

enum { CHUNK = 32768 };

// What tells which dy pass the rectifier: nothing where there is none, the input, the output.
enum { EVERYTHING, FROM_X, FROM_Y };

typedef float v8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t v8i __attribute__((vector_size(32), aligned(4)));

struct gradient_args {
  float *dx, *g, *dgamma, *dbeta;
  const float *dy, *x, *y, *mean, *inverse_std;
  const float *scale, *beta, *mean_dy, *slope;
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
  return sum_bytes(rows, channels) + channels * sizeof(float);
}

void sk_batch_norm_gradient_sums(
    sk_pool *pool, float *dgamma, float *dbeta, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, size_t rows, size_t channels,
    int32_t accumulate_dgamma, int32_t accumulate_dbeta, void *scratch) {
  float *scale = (float *)((char *)scratch + sum_bytes(rows, channels));
  if (beta)
    for (size_t c = 0; c < channels; c++) scale[c] = inverse_std[c] * gamma[c];
  struct gradient_args args = {
      .dgamma = dgamma, .dbeta = dbeta, .dy = dy, .x = x, .mean = mean,
      .inverse_std = inverse_std, .scale = scale, .beta = beta, .rows = rows,
      .channels = channels, .chunk_rows = sum_chunk_rows(rows, channels),
      .chunks = sum_chunks(rows, channels), .accumulate_dgamma = accumulate_dgamma,
      .accumulate_dbeta = accumulate_dbeta, .partial = scratch};
  sk_parallel_for(pool, args.chunks, SK_PICK(pool, sums_chunk), &args);
  sk_parallel_for(pool, sum_final_tasks(channels), finish, &args);
}

void sk_batch_norm_residual_gradient(
    sk_pool *pool, float *g, float *dgamma, float *dbeta, const float *dy, const float *y,
    const float *x, const float *mean, const float *inverse_std, size_t rows, size_t channels,
    int32_t accumulate_dgamma, int32_t accumulate_dbeta, void *scratch) {
  struct gradient_args args = {
      .g = g, .dgamma = dgamma, .dbeta = dbeta, .dy = dy, .x = x, .y = y, .mean = mean,
      .inverse_std = inverse_std, .rows = rows, .channels = channels,
      .chunk_rows = sum_chunk_rows(rows, channels), .chunks = sum_chunks(rows, channels),
      .accumulate_dgamma = accumulate_dgamma, .accumulate_dbeta = accumulate_dbeta,
      .partial = scratch};
  sk_parallel_for(pool, args.chunks, SK_PICK(pool, sums_chunk), &args);
  sk_parallel_for(pool, sum_final_tasks(channels), finish, &args);
}

void sk_batch_norm_gradient_input(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, const float *dgamma,
    const float *dbeta, size_t rows, size_t channels, int32_t accumulate, float *scratch) {
  float *scale = scratch, *mean_dy = scratch + channels, *slope = scratch + 2 * channels;
  for (size_t c = 0; c < channels; c++) {
    scale[c] = gamma[c] * inverse_std[c];
    mean_dy[c] = (float)((double)dbeta[c] / (double)rows);
    slope[c] = (float)((double)dgamma[c] * inverse_std[c] / (double)rows);
  }
  struct gradient_args args = {
      .dx = dx, .dy = dy, .x = x, .mean = mean, .scale = scale, .beta = beta, .mean_dy = mean_dy,
      .slope = slope, .rows = rows, .channels = channels,
      .chunk_rows = (CHUNK + channels - 1) / channels, .accumulate = accumulate};
  sk_parallel_for(
      pool, (rows + args.chunk_rows - 1) / args.chunk_rows, SK_PICK(pool, input_chunk), &args);
}

void sk_batch_norm_gradient_fixed(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, size_t rows, size_t channels,
    int32_t accumulate, float *scratch) {
  for (size_t c = 0; c < channels; c++) scratch[c] = gamma[c] * inverse_std[c];
  struct gradient_args args = {
      .dx = dx, .dy = dy, .x = x, .mean = mean, .scale = scratch, .beta = beta, .rows = rows,
      .channels = channels, .chunk_rows = (CHUNK + channels - 1) / channels,
      .accumulate = accumulate};
  sk_parallel_for(
      pool, (rows + args.chunk_rows - 1) / args.chunk_rows, SK_PICK(pool, fixed_chunk), &args);
}

#else
#include "vecmath.h"

#define ROWS(args, chunk)                                                    \
  size_t channels = (args)->channels, row = (chunk) * (args)->chunk_rows;    \
  size_t end = row + (args)->chunk_rows;                                     \
  if (end > (args)->rows) end = (args)->rows

// dy where the normalised value was positive.
SK_INLINE float SK_NAME(passed)(float dy, float centred, float scale, float beta) {
  return centred * scale + beta > 0 ? dy : 0;
}

SK_INLINE v16 SK_NAME(passed16)(v16 dy, v16 centred, v16 scale, v16 beta) {
  return (v16)((v16i)dy & (v16i)(centred * scale + beta > 0.0f));
}

// What of eight dy counts; after a residual it is also stored. Eight, because doubles are summed: halves
// of sixteen would have to be moved first.
SK_INLINE v8 SK_NAME(counted8)(
    const struct gradient_args *args, int source, size_t place, size_t c, v8 centred) {
  v8 g = *(const v8 *)(const void *)(args->dy + place + c);
#if SK_VARIANT == 2
  // As in loaded16.
  __asm__("" : "+v"(g));
#endif
  if (source == FROM_X) {
    v8 scale = *(const v8 *)(const void *)(args->scale + c);
    v8 beta = *(const v8 *)(const void *)(args->beta + c);
    g = (v8)((v8i)g & (v8i)(centred * scale + beta > 0.0f));
  }
  if (source == FROM_Y) {
    v8 y = *(const v8 *)(const void *)(args->y + place + c);
    g = (v8)((v8i)g & (v8i)(y > 0.0f));
    *(v8 *)(void *)(args->g + place + c) = g;
  }
  return g;
}

SK_INLINE float SK_NAME(counted)(
    const struct gradient_args *args, int source, size_t place, size_t c, float centred) {
  float g = args->dy[place + c];
  if (source == FROM_X) g = SK_NAME(passed)(g, centred, args->scale[c], args->beta[c]);
  if (source == FROM_Y) {
    g = args->y[place + c] > 0 ? g : 0;
    args->g[place + c] = g;
  }
  return g;
}

SK_INLINE void SK_NAME(sums_rows)(const struct gradient_args *args, size_t chunk, int source) {
  ROWS(args, chunk);
  const float *mean = args->mean;
  double *sum = args->partial + 2 * chunk * channels, *products = sum + channels;
  for (size_t c = 0; c < channels; c++) sum[c] = products[c] = 0;
  for (; row < end; row += 2) {
    size_t first = row * channels, second = first + channels, c = 0;
    int pair = row + 2 <= end;
    for (; pair && c + 8 <= channels; c += 8) {
      v8 centre = *(const v8 *)(const void *)(mean + c);
      v8 x0 = *(const v8 *)(const void *)(args->x + first + c) - centre;
      v8 x1 = *(const v8 *)(const void *)(args->x + second + c) - centre;
      v8d g0 = __builtin_convertvector(SK_NAME(counted8)(args, source, first, c, x0), v8d);
      v8d g1 = __builtin_convertvector(SK_NAME(counted8)(args, source, second, c, x1), v8d);
      *(v8d *)(void *)(sum + c) += g0 + g1;
      *(v8d *)(void *)(products + c) +=
          g0 * __builtin_convertvector(x0, v8d) + g1 * __builtin_convertvector(x1, v8d);
    }
    for (; c < channels; c++) {
      float x0 = args->x[first + c] - mean[c];
      double g0 = SK_NAME(counted)(args, source, first, c, x0);
      if (pair) {
        float x1 = args->x[second + c] - mean[c];
        double g1 = SK_NAME(counted)(args, source, second, c, x1);
        sum[c] += g0 + g1;
        products[c] += g0 * (double)x0 + g1 * (double)x1;
      } else {
        sum[c] += g0;
        products[c] += g0 * (double)x0;
      }
    }
  }
}

static void SK_NAME(sums_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  if (args->y) SK_NAME(sums_rows)(args, chunk, FROM_Y);
  else if (args->beta) SK_NAME(sums_rows)(args, chunk, FROM_X);
  else SK_NAME(sums_rows)(args, chunk, EVERYTHING);
}

SK_INLINE void SK_NAME(input_rows)(const struct gradient_args *args, size_t chunk, int rectified) {
  ROWS(args, chunk);
  const float *mean = args->mean, *scale = args->scale, *mean_dy = args->mean_dy,
              *slope = args->slope, *beta = args->beta;
  for (; row < end; row++) {
    float *dx = args->dx + row * channels;
    const float *dy = args->dy + row * channels, *x = args->x + row * channels;
    size_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      v16 centred = SK_NAME(load16)(x + c) - SK_NAME(load16)(mean + c);
      v16 factor = SK_NAME(load16)(scale + c), value = SK_NAME(loaded16)(dy + c);
      if (rectified)
        value = SK_NAME(passed16)(value, centred, factor, SK_NAME(load16)(beta + c));
      value -= SK_NAME(load16)(mean_dy + c);
      value = factor * (value - centred * SK_NAME(load16)(slope + c));
      if (args->accumulate) value += SK_NAME(load16)(dx + c);
      SK_NAME(store16)(dx + c, value);
    }
    for (; c < channels; c++) {
      float centred = x[c] - mean[c], value = dy[c];
      if (rectified) value = SK_NAME(passed)(value, centred, scale[c], beta[c]);
      value = scale[c] * ((value - mean_dy[c]) - centred * slope[c]);
      dx[c] = args->accumulate ? dx[c] + value : value;
    }
  }
}

static void SK_NAME(input_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  if (args->beta) SK_NAME(input_rows)(args, chunk, 1);
  else SK_NAME(input_rows)(args, chunk, 0);
}

SK_INLINE void SK_NAME(fixed_rows)(const struct gradient_args *args, size_t chunk, int rectified) {
  ROWS(args, chunk);
  const float *mean = args->mean, *scale = args->scale, *beta = args->beta;
  for (; row < end; row++) {
    float *dx = args->dx + row * channels;
    const float *dy = args->dy + row * channels;
    const float *x = rectified ? args->x + row * channels : 0;
    size_t c = 0;
    for (; c + 16 <= channels; c += 16) {
      v16 factor = SK_NAME(load16)(scale + c), value = SK_NAME(loaded16)(dy + c);
      if (rectified)
        value = SK_NAME(passed16)(
            value, SK_NAME(load16)(x + c) - SK_NAME(load16)(mean + c), factor,
            SK_NAME(load16)(beta + c));
      value *= factor;
      if (args->accumulate) value += SK_NAME(load16)(dx + c);
      SK_NAME(store16)(dx + c, value);
    }
    for (; c < channels; c++) {
      float value = dy[c];
      if (rectified) value = SK_NAME(passed)(value, x[c] - mean[c], scale[c], beta[c]);
      value *= scale[c];
      dx[c] = args->accumulate ? dx[c] + value : value;
    }
  }
}

static void SK_NAME(fixed_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct gradient_args *args = context;
  if (args->beta) SK_NAME(fixed_rows)(args, chunk, 1);
  else SK_NAME(fixed_rows)(args, chunk, 0);
}

#undef ROWS
#endif
