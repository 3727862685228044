// Finding the bits of a number by its place among many, without sorting: three passes over the keys, each of which
// narrows the place down by 10 or 11 bits. Counts are kept by chunk of SELECT_CHUNK keys, so that nothing depends on
// threads, and the last pass tells how many keys of each chunk equal the number found.
//
// A key is the bits of a float that is 0 or more, NaN as the largest; negative keys take no part. Include it twice:
// in part 1 of a kernel file, and in part 2 after vecmath.h.
//
//   bytes = select_bytes(n, sums)                  memory for counts, and sums where wanted
//   select_begin(&select, keys, values, n, memory) `values` are summed by bin where given (0: counts alone)
//   for level 0, 1, 2: run count_task for select.chunks tasks, select_gather, choose a bin, select_enter(bin)
//   select.prefix is then the key.
#ifndef SK_RADIX_SELECT
#define SK_RADIX_SELECT
#include <stddef.h>
#include <stdint.h>

enum { SELECT_CHUNK = 32768, SELECT_BINS = 2048, SELECT_LEVELS = 3 };

struct select {
  const int32_t *keys;
  const float *values;
  size_t n, chunks;
  int32_t level, prefix;
  uint32_t *chunk_counts;  // (chunks, bins)
  double *chunk_sums;
  uint64_t counts[SELECT_BINS];  // of the level under way
  double sums[SELECT_BINS];
};

static inline size_t select_chunks(size_t n) { return (n + SELECT_CHUNK - 1) / SELECT_CHUNK; }

static inline size_t select_bytes(size_t n, int32_t sums) {
  size_t bins = select_chunks(n) * SELECT_BINS;
  return bins * sizeof(uint32_t) + (sums ? bins * sizeof(double) : 0);
}

static inline int32_t select_shift(int32_t level) { return level == 0 ? 20 : level == 1 ? 10 : 0; }

static inline int32_t select_bins(int32_t level) { return level == 0 ? SELECT_BINS : SELECT_BINS / 2; }

// Not the whole struct: its bins are written before they are read.
static inline void select_begin(
    struct select *select, const int32_t *keys, const float *values, size_t n, void *memory) {
  select->keys = keys;
  select->values = values;
  select->n = n;
  select->chunks = select_chunks(n);
  select->level = select->prefix = 0;
  select->chunk_sums = memory;
  select->chunk_counts =
      (uint32_t *)(void *)((char *)memory + (values ? select->chunks * SELECT_BINS * sizeof(double) : 0));
}

// Adds the chunks up in their order.
static inline void select_gather(struct select *select) {
  int32_t bins = select_bins(select->level);
  for (int32_t bin = 0; bin < bins; bin++) select->counts[bin] = 0, select->sums[bin] = 0;
  for (size_t chunk = 0; chunk < select->chunks; chunk++) {
    const uint32_t *counts = select->chunk_counts + chunk * SELECT_BINS;
    for (int32_t bin = 0; bin < bins; bin++) select->counts[bin] += counts[bin];
    if (!select->values) continue;
    const double *sums = select->chunk_sums + chunk * SELECT_BINS;
    for (int32_t bin = 0; bin < bins; bin++) select->sums[bin] += sums[bin];
  }
}

static inline void select_enter(struct select *select, int32_t bin) {
  select->prefix = select->level == 0 ? bin : select->prefix << 10 | bin;
  select->level++;
}

// After the last level: keys of a chunk that equal the one found.
static inline size_t select_equal(const struct select *select, size_t chunk) {
  return select->chunk_counts[chunk * SELECT_BINS + (select->prefix & 1023)];
}

// The bin that holds the `rank`-th largest key (from 1) of those under way; `above` is raised by the keys in later
// bins, and the rank lowered. There are at least `rank` keys.
static inline int32_t select_largest(struct select *select, uint64_t *rank, uint64_t *above) {
  int32_t bin = select_bins(select->level) - 1;
  while (bin > 0 && select->counts[bin] < *rank) {
    *rank -= select->counts[bin];
    *above += select->counts[bin];
    bin--;
  }
  return bin;
}

static inline int32_t select_key(float x) {
  union { float number; int32_t bits; } value = {x};
  return x <= 0 ? 0 : value.bits & INT32_MAX;
}

static inline float select_number(int32_t key) {
  union { int32_t bits; float number; } value = {key};
  return value.number;
}
#endif

#ifdef SK_VARIANT

static void SK_NAME(count_task)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct select *select = context;
  size_t begin = chunk * SELECT_CHUNK, end = begin + SELECT_CHUNK;
  if (end > select->n) end = select->n;
  uint32_t *restrict counts = select->chunk_counts + chunk * SELECT_BINS;
  double *restrict sums = select->chunk_sums + chunk * SELECT_BINS;
  const float *values = select->values;
  int32_t shift = select_shift(select->level), bins = select_bins(select->level);
  int32_t mask = bins - 1, level = select->level, prefix = select->prefix;
  for (int32_t bin = 0; bin < bins; bin++) counts[bin] = 0;
  if (values)
    for (int32_t bin = 0; bin < bins; bin++) sums[bin] = 0;
  for (size_t i = begin; i < end; i++) {
    int32_t key = select->keys[i];
    // A negative key has no prefix of the later levels either.
    if (key < 0 || (level > 0 && key >> (shift + 10) != prefix)) continue;
    int32_t bin = key >> shift & mask;
    counts[bin]++;
    if (values) sums[bin] += (double)values[i];
  }
}

#endif
