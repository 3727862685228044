#ifndef SK_VARIANT
#include "sk_peak.h"

#include "sk_gemm.h"

// Long enough that taking a chain costs nothing, short enough that threads end together.
enum { STEPS = 65536, LANES = 16 };

struct fma_args {
  float *sink;
};

#define SK_SOURCE "peak.c"
#include "variants.h"

// Chains side by side: more than a unit's latency times its width, and no more than there are registers.
static size_t chains(const sk_pool *pool) {
  int32_t isa = sk_pool_isa(pool);
  return isa == SK_AVX512 ? 12 : isa == SK_AVX2 ? 5 : 3;
}

double sk_peak_fma(sk_pool *pool, size_t rounds, float *sink) {
  struct fma_args args = {.sink = sink};
  sk_parallel_for(pool, rounds, SK_PICK(pool, fma_chunk), &args);
  return 2.0 * LANES * (double)chains(pool) * STEPS * (double)rounds;
}

struct gemm_args {
  float *workspace;
  size_t m, n, k;
};

static void gemm_chunk(void *context, size_t chunk, int32_t worker) {
  (void)chunk;
  const struct gemm_args *args = context;
  size_t m = args->m, n = args->n, k = args->k;
  float *a = args->workspace + (size_t)worker * sk_peak_gemm_floats(m, n, k, 1);
  float *b = a + m * k, *c = b + k * n;
  sk_gemm(m, n, k, a, k, b, n, 0, c, n);
}

size_t sk_peak_gemm_floats(size_t m, size_t n, size_t k, int32_t workers) {
  return (m * k + k * n + m * n) * (size_t)workers;
}

double sk_peak_gemm(sk_pool *pool, size_t rounds, size_t m, size_t n, size_t k, float *workspace) {
  struct gemm_args args = {.workspace = workspace, .m = m, .n = n, .k = k};
  sk_parallel_for(pool, rounds, gemm_chunk, &args);
  return 2.0 * (double)m * (double)n * (double)k * (double)rounds;
}

#else

#if SK_VARIANT == 2
#define CHAINS 12
#elif SK_VARIANT == 1
#define CHAINS 5
#else
#define CHAINS 3
#endif

#if SK_VARIANT == 0
#define MULTIPLY_ADD(x, y, z) ((x) * (y) + (z))
#else
#define MULTIPLY_ADD(x, y, z) __builtin_elementwise_fma(x, y, z)
#endif

static void SK_NAME(fma_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct fma_args *args = context;
  v16 sum[CHAINS];
  v16 factor = {0}, term = {0};
  // Every chain tends to 1: no value grows, and none becomes denormal, which would be slow.
  factor += 0.75f;
  term += 0.25f;
#pragma clang loop unroll(full)
  for (int j = 0; j < CHAINS; j++) sum[j] = factor * (float)(j + 1);
#pragma clang loop unroll(disable)
  for (int i = 0; i < STEPS; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < CHAINS; j++) sum[j] = MULTIPLY_ADD(sum[j], factor, term);
  }
#pragma clang loop unroll(full)
  for (int j = 1; j < CHAINS; j++) sum[0] += sum[j];
  // One thread writes; the others must look as if they could, or their work would be left out.
  if (chunk == 0 || sum[0][0] < 0) *(v16 *)args->sink = sum[0];
}

#undef CHAINS
#undef MULTIPLY_ADD

#endif
