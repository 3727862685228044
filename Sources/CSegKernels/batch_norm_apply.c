#ifndef SK_VARIANT
#include "sk_batch_norm_apply.h"

#include "streaming.h"

enum { CHUNK = 32768 };

struct apply_args {
  float *y;
  const float *x, *mean, *scale, *beta, *residual;
  int32_t rectifies, streams;
  size_t rows, channels, chunk_rows;
};

#define SK_SOURCE "batch_norm_apply.c"
#include "variants.h"

void sk_batch_norm_apply(
    sk_pool *pool, float *y, const float *x, const float *mean, const float *inverse_std,
    const float *gamma, const float *beta, const float *residual, int32_t rectifies, size_t rows,
    size_t channels, float *scale) {
  for (size_t c = 0; c < channels; c++) scale[c] = inverse_std[c] * gamma[c];
  struct apply_args args = {
      .y = y, .x = x, .mean = mean, .scale = scale, .beta = beta, .residual = residual,
      .rectifies = rectifies, .streams = y != x && y != residual && sk_streams(y, rows, channels),
      .rows = rows, .channels = channels,
      .chunk_rows = (CHUNK + channels - 1) / channels};
  sk_parallel_for(
      pool, (rows + args.chunk_rows - 1) / args.chunk_rows, SK_PICK(pool, apply_chunk), &args);
}

#else
#include "vecmath.h"

// The same operations in the same order as normalising, adding and rectifying one after the other.
SK_INLINE void SK_NAME(apply_rows)(
    const struct apply_args *args, size_t row, size_t end, int adds, int rectifies) {
  size_t channels = args->channels;
  int32_t streams = args->streams;
  const float *mean = args->mean, *scale = args->scale, *beta = args->beta;
  for (; row < end; row++) {
    float *y = args->y + row * channels;
    const float *x = args->x + row * channels;
    const float *residual = adds ? args->residual + row * channels : 0;
    size_t c = 0;
    // The mean is subtracted first: x * scale + (beta - mean * scale) would cancel.
    for (; c + 16 <= channels; c += 16) {
      v16 centred = SK_NAME(load16)(x + c) - SK_NAME(load16)(mean + c);
      v16 value = centred * SK_NAME(load16)(scale + c) + SK_NAME(load16)(beta + c);
      if (adds) value += SK_NAME(load16)(residual + c);
      if (rectifies) value = (v16)((v16i)value & ~(v16i)(value < 0.0f));
      if (streams)
        SK_NAME(stream16)(y + c, value);
      else
        SK_NAME(store16)(y + c, value);
    }
    for (; c < channels; c++) {
      float value = (x[c] - mean[c]) * scale[c] + beta[c];
      if (adds) value += residual[c];
      y[c] = rectifies && value < 0 ? 0 : value;
    }
  }
}

static void SK_NAME(apply_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct apply_args *args = context;
  size_t row = chunk * args->chunk_rows, end = row + args->chunk_rows;
  if (end > args->rows) end = args->rows;
  if (args->residual && args->rectifies) SK_NAME(apply_rows)(args, row, end, 1, 1);
  else if (args->residual) SK_NAME(apply_rows)(args, row, end, 1, 0);
  else if (args->rectifies) SK_NAME(apply_rows)(args, row, end, 0, 1);
  else SK_NAME(apply_rows)(args, row, end, 0, 0);
}

#endif
