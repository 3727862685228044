#ifndef SK_VARIANT
#include "sk_dropout.h"

enum { CHUNK = 32768 };

struct dropout_args {
  float *y;
  const float *x;
  size_t n;
  uint32_t key_low, key_high, threshold;
  float scale;
  int32_t accumulate;
};

// Finaliser of MurmurHash3 (Appleby 2011), 32 bits: vector units have no fast 64-bit product.
static inline uint32_t mix32(uint32_t z) {
  z = (z ^ (z >> 16)) * 0x85ebca6bu;
  z = (z ^ (z >> 13)) * 0xc2b2ae35u;
  return z ^ (z >> 16);
}

// Two rounds, keyed before each.
static inline uint32_t element_hash(uint32_t index, uint32_t key_low, uint32_t key_high) {
  return mix32(mix32(index + key_low) ^ key_high);
}

#define SK_SOURCE "dropout.c"
#include "variants.h"

static uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static struct dropout_args make_args(
    uint64_t seed, uint64_t step, uint64_t stream, double probability) {
  uint64_t key = mix64(mix64(mix64(seed) ^ stream) ^ (step * 0xd1b54a32d192ed03u));
  return (struct dropout_args){
      .key_low = (uint32_t)key, .key_high = (uint32_t)(key >> 32),
      .threshold = (uint32_t)(probability * 4294967296.0), .scale = (float)(1 / (1 - probability))};
}

int32_t sk_dropout_keeps(uint64_t seed, uint64_t step, uint64_t stream, uint64_t index, double probability) {
  struct dropout_args args = make_args(seed, step, stream, probability);
  return element_hash((uint32_t)index, args.key_low, args.key_high) >= args.threshold;
}

void sk_dropout(
    sk_pool *pool, float *y, const float *x, size_t n, uint64_t seed, uint64_t step, uint64_t stream,
    double probability, int32_t accumulate) {
  struct dropout_args args = make_args(seed, step, stream, probability);
  args.y = y;
  args.x = x;
  args.n = n;
  args.accumulate = accumulate;
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, dropout_chunk), &args);
}

#else

static void SK_NAME(dropout_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct dropout_args *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->n ? begin + CHUNK : args->n;
  float *y = args->y, scale = args->scale;
  const float *x = args->x;
  uint32_t low = args->key_low, high = args->key_high, threshold = args->threshold;
  for (size_t i = begin; i < end; i++) {
    float value = element_hash((uint32_t)i, low, high) >= threshold ? x[i] * scale : 0;
    y[i] = args->accumulate ? y[i] + value : value;
  }
}

#endif
