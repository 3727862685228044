#ifndef SK_VARIANT
#include "sk_max_pooled_pixels.h"

#include "pixel_factors.h"
#include "radix_select.h"

#include <math.h>

struct pooled_args {
  struct select select;  // first: count_task sees it alone
  float *shares;
  const float *losses;
  const uint8_t *labels;
  int32_t *keys;
  float *powers;    // (x / largest)^q
  double *sums;     // of each chunk
  float *largest;   // of each chunk: x
  int32_t all, limit;  // keys above the limit have the share tau
  float inverse, exponent, tau;
  float factors[256];
};

#define SK_SOURCE "max_pooled_pixels.c"
#include "variants.h"

size_t sk_max_pooled_pixels_bytes(size_t pixels) {
  return select_chunks(pixels) * (sizeof(double) + 2 * sizeof(float)) + select_bytes(pixels, 1) +
         pixels * (sizeof(int32_t) + sizeof(float));
}

static void pooled_begin(
    struct pooled_args *args, sk_pool *pool, float *shares, const float *losses,
    const uint8_t *labels, int32_t all, int32_t powers, size_t pixels, size_t classes,
    int32_t ignore, void *workspace) {
  size_t chunks = select_chunks(pixels);
  const float ones[256] = {0};
  args->shares = shares;
  args->losses = losses;
  args->labels = labels;
  args->all = all;
  args->sums = workspace;
  char *place = (char *)(args->sums + chunks);
  void *bins = place;
  place += select_bytes(pixels, 1);
  args->largest = (float *)(void *)place;
  args->keys = (int32_t *)(void *)(args->largest + 2 * chunks);
  args->powers = (float *)(void *)(args->keys + pixels);
  // Only whether a label counts is asked.
  pixel_factors(args->factors, ones, classes, ignore);
  select_begin(&args->select, args->keys, powers ? args->powers : 0, pixels, bins);
  sk_parallel_for(pool, chunks, SK_PICK(pool, pooled_keys), args);
}

static void pooled_count(struct pooled_args *args, sk_pool *pool) {
  sk_parallel_for(pool, args->select.chunks, SK_PICK(pool, count_task), &args->select);
  select_gather(&args->select);
}

static double pooled_tau(double n, double p, double ratio) {
  return pow(n, 1 / p - 1) * pow(ratio * n, -1 / p);
}

static float pooled_finish(struct pooled_args *args, sk_pool *pool) {
  sk_parallel_for(pool, args->select.chunks, SK_PICK(pool, pooled_shares), args);
  double sum = 0;
  for (size_t chunk = 0; chunk < args->select.chunks; chunk++) sum += args->sums[chunk];
  return (float)sum;
}

// With J the pixels above alpha and c = ratio · n - |J|, alpha solves c · alpha^q = sum of x^q over the others. The
// difference of the two sides changes sign once as alpha grows, so the bits of alpha are found as those of a rank are.
void sk_max_pooled_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels, double p,
    double ratio, size_t pixels, size_t classes, int32_t ignore, void *workspace) {
  struct pooled_args args;
  double q = p / (p - 1);
  pooled_begin(&args, pool, shares, losses, labels, 0, 1, pixels, classes, ignore, workspace);
  struct select *select = &args.select;
  int32_t top = -1;
  for (size_t chunk = 0; chunk < select->chunks; chunk++) {
    int32_t key = args.largest[chunk] < 0 ? -1 : select_key(args.largest[chunk]);
    if (key > top) top = key;
  }
  float largest = top < 0 ? 0 : select_number(top);
  // Too small to divide by, or no weight to move: the plain mean.
  if (largest < 0x1p-100f || ratio == 1) top = 0;
  args.limit = INT32_MAX;
  args.tau = args.inverse = args.exponent = 0;
  if (top > 0) {
    args.inverse = 1 / largest;
    args.exponent = (float)q;
    sk_parallel_for(pool, select->chunks, SK_PICK(pool, pooled_powers), &args);
  }
  uint64_t n = 0, below = 0;
  double sum = 0;
  int32_t found = 0;
  do {
    pooled_count(&args, pool);
    if (select->level == 0)
      for (int32_t bin = 0; bin < SELECT_BINS; bin++) n += select->counts[bin];
    if (n == 0 || top == 0) break;
    double m = ratio * (double)n;
    int32_t bins = select_bins(select->level), shift = select_shift(select->level);
    int32_t first = select->level == 0 ? 0 : select->prefix << 10;
    int32_t bin = 0;
    for (found = 0; bin < bins; bin++) {
      double c = m - (double)n + (double)(below + select->counts[bin]);
      if (c > 0) {
        // NaN, beyond infinity, ends the search as well.
        double edge = (double)select_number((int32_t)((uint32_t)(first + bin + 1) << shift));
        if (!(c * pow(edge / (double)largest, q) <= sum + select->sums[bin])) found = 1;
      }
      // The level before found it in here; sums in another order must not lose it.
      if (select->level > 0 && bin == bins - 1) found = 1;
      if (found && select->level < SELECT_LEVELS - 1) break;
      below += select->counts[bin];
      sum += select->sums[bin];
      if (found) break;
    }
    if (found) select_enter(select, bin);
  } while (found && select->level < SELECT_LEVELS);
  if (n == 0 || top == 0) {
    args.tau = n > 0 ? (float)(1 / (double)n) : 0;
    args.limit = -1;
    *loss = pooled_finish(&args, pool);
    return;
  }
  double c = ratio * (double)n - (double)n + (double)below;
  double alpha = c > 0 && sum > 0 ? (double)largest * pow(sum / c, 1 / q) : 0;
  // Keeps NaN: a loss that is none must show.
  if (largest != largest || sum != sum) alpha = (double)NAN;
  if (found) args.limit = select->prefix;
  args.tau = (float)pooled_tau((double)n, p, ratio);
  args.inverse = alpha == 0 ? 0 : (float)(1 / alpha);
  args.exponent = (float)(q - 1);
  *loss = pooled_finish(&args, pool);
}

void sk_rescaled_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels, double p,
    double ratio, size_t pixels, size_t classes, int32_t ignore, void *workspace) {
  struct pooled_args args;
  pooled_begin(&args, pool, shares, losses, labels, 1, 0, pixels, classes, ignore, workspace);
  uint64_t rank = (uint64_t)(ratio * (double)pixels) + 1, above = 0;
  if (rank > pixels) rank = pixels;
  while (args.select.level < SELECT_LEVELS) {
    pooled_count(&args, pool);
    select_enter(&args.select, select_largest(&args.select, &rank, &above));
  }
  args.limit = args.select.prefix;
  args.tau = (float)(pooled_tau((double)pixels, p, ratio) / 2);
  args.inverse = args.limit > 0 ? 1 / select_number(args.limit) : 0;
  args.exponent = (float)(p / (p - 1) - 1);
  *loss = pooled_finish(&args, pool);
}

#else
#include "vecmath.h"

#include "radix_select.h"

static void SK_NAME(pooled_keys)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pooled_args *args = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > args->select.n) end = args->select.n;
  int32_t absent = args->all ? 0 : -1, most = -1;
  for (size_t i = begin; i < end; i++) {
    int32_t key = args->factors[args->labels[i]] < 0 ? absent : select_key(args->losses[i]);
    args->keys[i] = key;
    if (key > most) most = key;
  }
  args->largest[chunk] = most < 0 ? -1 : select_number(most);
}

// The losses behind 16 keys, 0 for those that take no part; `key` receives the keys.
SK_INLINE v16 SK_NAME(pooled_losses)(
    const struct pooled_args *args, size_t i, size_t count, v16i *key) {
  *key = (v16i){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  memcpy(key, args->keys + i, count * sizeof *args->keys);
  return SK_NAME(select16)(*key < 0, SK_NAME(splat16)(0), (v16)*key);
}

SK_INLINE v16 SK_NAME(pooled_power)(const struct pooled_args *args, v16 x) {
  return SK_NAME(exp16)(args->exponent * SK_NAME(log16)(x * args->inverse));
}

static void SK_NAME(pooled_powers)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pooled_args *args = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > args->select.n) end = args->select.n;
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16i key;
    v16 power = SK_NAME(pooled_power)(args, SK_NAME(pooled_losses)(args, i, count, &key));
    if (count < 16)
      SK_NAME(store16_part)(args->powers + i, power, count);
    else
      SK_NAME(store16)(args->powers + i, power);
  }
}

static void SK_NAME(pooled_shares)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct pooled_args *args = context;
  typedef double v16d __attribute__((vector_size(128)));
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > args->select.n) end = args->select.n;
  const v16 zero = {0};
  v16d sums = {0};
  for (size_t i = begin; i < end; i += 16) {
    size_t count = end - i < 16 ? end - i : 16;
    v16i key;
    v16 x = SK_NAME(pooled_losses)(args, i, count, &key);
    v16 share = args->tau * SK_NAME(pooled_power)(args, x);
    share = SK_NAME(select16)(key > args->limit, SK_NAME(splat16)(args->tau), share);
    share = SK_NAME(select16)(key < 0, zero, share);
    sums += __builtin_convertvector(share, v16d) * __builtin_convertvector(x, v16d);
    if (count < 16)
      SK_NAME(store16_part)(args->shares + i, share, count);
    else
      SK_NAME(store16)(args->shares + i, share);
  }
  double total = 0;
  for (size_t lane = 0; lane < 16; lane++) total += sums[lane];
  args->sums[chunk] = total;
}

#endif
