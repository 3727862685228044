#ifndef SK_VARIANT
#include "sk_top_pixels.h"

#include "pixel_factors.h"
#include "radix_select.h"

struct top_args {
  struct select select;  // first: count_task sees it alone
  float *shares;
  const float *losses;
  const uint8_t *labels;
  int32_t *keys;
  double *sums;     // of each chunk
  uint32_t *counts; // of each chunk: keys above the limit
  size_t *ties;     // of each chunk: keys equal to the limit that are taken
  int32_t weighted, limit;
  float scale;
  float factors[256];
};

#define SK_SOURCE "top_pixels.c"
#include "variants.h"

size_t sk_top_pixels_bytes(size_t pixels) {
  return select_chunks(pixels) * (2 * sizeof(double) + sizeof(size_t)) + select_bytes(pixels, 0) +
         pixels * sizeof(int32_t);
}

static void top_begin(
    struct top_args *args, sk_pool *pool, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, int32_t weighted, size_t pixels, size_t classes, int32_t ignore,
    void *workspace) {
  size_t chunks = select_chunks(pixels);
  args->shares = shares;
  args->losses = losses;
  args->labels = labels;
  args->weighted = weighted;
  args->sums = workspace;
  args->ties = (size_t *)(void *)(args->sums + chunks);
  args->counts = (uint32_t *)(void *)(args->ties + chunks);
  char *place = (char *)(args->counts + 2 * chunks);
  args->keys = (int32_t *)(void *)(place + select_bytes(pixels, 0));
  pixel_factors(args->factors, weights, classes, ignore);
  select_begin(&args->select, args->keys, 0, pixels, place);
  sk_parallel_for(pool, chunks, SK_PICK(pool, top_keys), args);
}

// Finds the `rank`-th largest key, from 1; returns how many are larger. Level 0 has been counted.
static uint64_t top_find(struct top_args *args, sk_pool *pool, uint64_t rank) {
  uint64_t above = 0;
  struct select *select = &args->select;
  for (;;) {
    select_enter(select, select_largest(select, &rank, &above));
    if (select->level == SELECT_LEVELS) return above;
    sk_parallel_for(pool, select->chunks, SK_PICK(pool, count_task), select);
    select_gather(select);
  }
}

static uint64_t top_total(struct top_args *args, sk_pool *pool) {
  struct select *select = &args->select;
  sk_parallel_for(pool, select->chunks, SK_PICK(pool, count_task), select);
  select_gather(select);
  uint64_t total = 0;
  for (int32_t bin = 0; bin < SELECT_BINS; bin++) total += select->counts[bin];
  return total;
}

static void top_finish(struct top_args *args, sk_pool *pool, float *loss, uint64_t kept) {
  args->scale = kept > 0 ? (float)(1 / (double)kept) : 0;
  sk_parallel_for(pool, args->select.chunks, SK_PICK(pool, top_shares), args);
  double sum = 0;
  for (size_t chunk = 0; chunk < args->select.chunks; chunk++) sum += args->sums[chunk];
  *loss = kept > 0 ? (float)(sum / (double)kept) : 0;
}

void sk_top_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, double fraction, size_t pixels, size_t classes, int32_t ignore,
    void *workspace) {
  struct top_args args;
  top_begin(
      &args, pool, shares, losses, labels, weights, 1, pixels, classes, ignore, workspace);
  uint64_t total = top_total(&args, pool), kept = (uint64_t)(fraction * (double)total);
  if (kept < 1) kept = 1;
  if (kept > total) kept = total;
  args.limit = INT32_MAX;
  for (size_t chunk = 0; chunk < args.select.chunks; chunk++) args.ties[chunk] = 0;
  if (total > 0) {
    uint64_t left = kept - top_find(&args, pool, kept);
    args.limit = args.select.prefix;
    for (size_t chunk = 0; chunk < args.select.chunks; chunk++) {
      size_t equal = select_equal(&args.select, chunk);
      args.ties[chunk] = equal < left ? equal : (size_t)left;
      left -= args.ties[chunk];
    }
  }
  top_finish(&args, pool, loss, kept);
}

void sk_pixels_above(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, float limit, size_t kept, size_t pixels, size_t classes, int32_t ignore,
    void *workspace) {
  struct top_args args;
  top_begin(
      &args, pool, shares, losses, labels, weights, 0, pixels, classes, ignore, workspace);
  uint64_t total = top_total(&args, pool), count = 0;
  args.limit = select_key(limit);
  for (size_t chunk = 0; chunk < args.select.chunks; chunk++) args.ties[chunk] = 0;
  if (total > 0) {
    top_find(&args, pool, kept < total ? kept + 1 : total);
    if (args.select.prefix < args.limit) args.limit = args.select.prefix;
    sk_parallel_for(pool, args.select.chunks, SK_PICK(pool, top_count), &args);
    for (size_t chunk = 0; chunk < args.select.chunks; chunk++) count += args.counts[chunk];
  }
  top_finish(&args, pool, loss, count);
}

#else
#include "vecmath.h"

#include "pixel_factors.h"
#include "radix_select.h"

static void SK_NAME(top_keys)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct top_args *args = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > args->select.n) end = args->select.n;
  int32_t weighted = args->weighted;
  for (size_t i = begin; i < end; i++) {
    float factor = args->factors[args->labels[i]], x = args->losses[i];
    args->keys[i] = factor < 0 ? -1 : select_key(weighted ? factor * x : x);
  }
}

static void SK_NAME(top_count)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct top_args *args = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > args->select.n) end = args->select.n;
  uint32_t count = 0;
  for (size_t i = begin; i < end; i++) count += args->keys[i] > args->limit;
  args->counts[chunk] = count;
}

// The first `ties` keys equal to the limit are taken: one chunk at most has to count them.
static void SK_NAME(top_shares)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct top_args *args = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK, ties = args->ties[chunk];
  if (end > args->select.n) end = args->select.n;
  double sums[16] = {0}, total = 0;
  for (size_t i = begin; i < end; i++) {
    int32_t key = args->keys[i], equal = key == args->limit && ties > 0;
    ties -= (size_t)equal;
    float factor = key > args->limit || equal ? args->factors[args->labels[i]] : 0;
    args->shares[i] = factor * args->scale;
    sums[i % 16] += key > args->limit || equal ? (double)factor * (double)args->losses[i] : 0;
  }
  for (size_t lane = 0; lane < 16; lane++) total += sums[lane];
  args->sums[chunk] = total;
}

#endif
