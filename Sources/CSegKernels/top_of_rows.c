#ifndef SK_VARIANT
#include "sk_top_pixels.h"

#include "pixel_factors.h"
#include "radix_select.h"

struct row_args {
  float *shares;
  const float *losses;
  const uint8_t *labels;
  double *sums;   // of each row
  int32_t *keys;  // of each thread
  size_t k, width;
  float scale;
  float factors[256];
};

#define SK_SOURCE "top_of_rows.c"
#include "variants.h"

size_t sk_top_of_rows_bytes(size_t rows, size_t width, int32_t threads) {
  return rows * sizeof(double) + (size_t)threads * width * sizeof(int32_t);
}

void sk_top_of_rows(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, size_t k, size_t rows, size_t width, size_t classes, int32_t ignore,
    void *workspace) {
  struct row_args args = {
      .shares = shares, .losses = losses, .labels = labels, .sums = workspace, .k = k,
      .width = width, .scale = (float)(1 / ((double)rows * (double)k))};
  args.keys = (int32_t *)(void *)(args.sums + rows);
  pixel_factors(args.factors, weights, classes, ignore);
  sk_parallel_for(pool, rows, SK_PICK(pool, top_of_row), &args);
  double sum = 0;
  for (size_t row = 0; row < rows; row++) sum += args.sums[row];
  *loss = (float)(sum / ((double)rows * (double)k));
}

#else

// A row is short: its k-th largest key is found bit by bit, with 31 counts whatever k is.
static void SK_NAME(top_of_row)(void *context, size_t row, int32_t worker) {
  const struct row_args *args = context;
  size_t width = args->width, start = row * width;
  int32_t *restrict keys = args->keys + (size_t)worker * width, limit = 0;
  for (size_t i = 0; i < width; i++) {
    float factor = args->factors[args->labels[start + i]];
    keys[i] = factor < 0 ? 0 : select_key(factor * args->losses[start + i]);
  }
  for (int32_t bit = 30; bit >= 0; bit--) {
    int32_t candidate = limit | 1 << bit, count = 0;
    for (size_t i = 0; i < width; i++) count += keys[i] >= candidate;
    if ((size_t)count >= args->k) limit = candidate;
  }
  size_t ties = args->k;
  for (size_t i = 0; i < width; i++) ties -= keys[i] > limit;
  double sum = 0;
  for (size_t i = 0; i < width; i++) {
    int32_t equal = keys[i] == limit && ties > 0;
    ties -= (size_t)equal;
    float factor = args->factors[args->labels[start + i]];
    if (factor < 0 || !(keys[i] > limit || equal)) factor = 0;
    args->shares[start + i] = factor * args->scale;
    if (factor > 0) sum += (double)factor * (double)args->losses[start + i];
  }
  args->sums[row] = sum;
}

#endif
