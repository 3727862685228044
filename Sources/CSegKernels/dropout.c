#ifndef SK_VARIANT
#include "sk_dropout.h"

// Elements that share a key; also those of one chunk.
enum { BLOCK = 32768 };

struct dropout_args {
  float *y;
  const float *x;
  size_t n;
  uint64_t key;
  int32_t threshold;
  float scale;
  int32_t accumulate;
};

// SplitMix64 finaliser (Steele, Lea and Flood 2014).
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static uint64_t layer_key(uint64_t seed, uint64_t step, uint64_t stream) {
  return mix(mix(mix(seed) ^ stream) ^ (step * 0xd1b54a32d192ed03u));
}

static uint64_t block_key(uint64_t key, size_t block) {
  return mix(key + (block + 1) * 0x9e3779b97f4a7c15u);
}

// 31 random bits for element `local` of a block, as an expression over numbers or vectors. 64-bit products
// are slow in vectors, so the key of the block is used in halves, before and between two 32-bit
// multiplications (constants of MurmurHash3).
#define HASH(x, local, low, high)                  \
  do {                                             \
    x = (local) * 0x9e3779b1u + (low);             \
    x = (x ^ (x >> 16)) * 0x85ebca6bu;             \
    x = ((x ^ (x >> 13)) + (high)) * 0xc2b2ae35u;  \
    x = (x ^ (x >> 16)) >> 1;                      \
  } while (0)

typedef uint32_t v16u __attribute__((vector_size(64)));

// An element is dropped when its bits are below this.
static int32_t threshold_of(double probability) { return (int32_t)(probability * 0x1p31); }

#define SK_SOURCE "dropout.c"
#include "variants.h"

void sk_dropout(
    sk_pool *pool, float *y, const float *x, size_t n, double probability, uint64_t seed,
    uint64_t step, uint64_t stream, int32_t accumulate) {
  struct dropout_args args = {
      .y = y, .x = x, .n = n, .key = layer_key(seed, step, stream),
      .threshold = threshold_of(probability), .scale = (float)(1 / (1 - probability)),
      .accumulate = accumulate};
  sk_parallel_for(pool, (n + BLOCK - 1) / BLOCK, SK_PICK(pool, dropout_block), &args);
}

int32_t sk_dropout_keeps(
    double probability, uint64_t seed, uint64_t step, uint64_t stream, size_t index) {
  uint64_t key = block_key(layer_key(seed, step, stream), index / BLOCK);
  uint32_t bits;
  HASH(bits, (uint32_t)(index % BLOCK), (uint32_t)key, (uint32_t)(key >> 32));
  return (int32_t)bits >= threshold_of(probability);
}

#else
#include "vecmath.h"

static void SK_NAME(dropout_block)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct dropout_args *args = context;
  size_t begin = chunk * BLOCK, count = args->n - begin < BLOCK ? args->n - begin : BLOCK;
  uint64_t key = block_key(args->key, chunk);
  uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
  float *y = args->y + begin;
  const float *x = args->x + begin;
  v16u local = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, bits;
  for (size_t i = 0; i < count; i += 16, local += 16) {
    HASH(bits, local, low, high);
    v16i keeps = (v16i)((v16i)bits >= args->threshold);
    if (i + 16 <= count) {
      v16 value = (v16)((v16i)(SK_NAME(load16)(x + i) * args->scale) & keeps);
      SK_NAME(store16)(y + i, args->accumulate ? SK_NAME(load16)(y + i) + value : value);
    } else {
      for (size_t lane = 0; i + lane < count; lane++) {
        float value = keeps[lane] ? x[i + lane] * args->scale : 0;
        y[i + lane] = args->accumulate ? y[i + lane] + value : value;
      }
    }
  }
}

#endif
