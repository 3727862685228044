#include "weight_parts.h"

enum { CHUNK = 16384 };

struct addition {
  float *dw;
  const float *sums;
  size_t count, pitch, parts;
  int32_t accumulate;
};

static void add_chunk(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct addition *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->count ? begin + CHUNK : args->count;
  for (size_t i = begin; i < end; i++) {
    float value = args->accumulate ? args->dw[i] : 0;
    for (size_t part = 0; part < args->parts; part++) value += args->sums[part * args->pitch + i];
    args->dw[i] = value;
  }
}

void sk_add_parts(
    sk_pool *pool, float *dw, const float *sums, size_t count, size_t pitch, size_t parts, int32_t accumulate) {
  struct addition args = {dw, sums, count, pitch, parts, accumulate};
  sk_parallel_for(pool, (count + CHUNK - 1) / CHUNK, add_chunk, &args);
}
