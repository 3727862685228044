// Compiles the kernel file that includes this once for each vector variant.
//
// A kernel file reads, from top to bottom:
//
//   #ifndef SK_VARIANT            // 1. ordinary part: includes, argument structs
//   #include "sk_relu.h"
//   struct relu_args { ... };
//   #define SK_SOURCE "relu.c"
//   #include "variants.h"         //    compiles part 2 three times
//   void sk_relu(...) { ... sk_parallel_for(pool, n, SK_PICK(pool, relu_chunk), &args); }
//   #else                         // 2. loops, once a variant
//   static void SK_NAME(relu_chunk)(void *context, size_t chunk, int32_t worker) { ... }
//   #endif
//
// Loops are plain C that the compiler vectorises, or 16-lane vectors (`v16`) where the order of a sum
// matters: with 16 lanes in every variant and contraction off, all variants give the same bits.
#include "sk_pool.h"

#define SK_PICK(pool, function)                                  \
  (sk_pool_isa(pool) == SK_AVX512 ? function##_avx512            \
   : sk_pool_isa(pool) == SK_AVX2 ? function##_avx2 : function##_generic)

typedef float v16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t v16i __attribute__((vector_size(64), aligned(4)));
typedef float line16 __attribute__((vector_size(64)));
typedef double v8d __attribute__((vector_size(64), aligned(8)));

#pragma clang diagnostic ignored "-Wpsabi"
#define SK_INLINE static inline __attribute__((always_inline, unused))

#define SK_VARIANT 0
#define SK_NAME(function) function##_generic
#include SK_SOURCE
#undef SK_VARIANT
#undef SK_NAME

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define SK_VARIANT 1
#define SK_NAME(function) function##_avx2
#include SK_SOURCE
#undef SK_VARIANT
#undef SK_NAME
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)
#define SK_VARIANT 2
#define SK_NAME(function) function##_avx512
#include SK_SOURCE
#undef SK_VARIANT
#undef SK_NAME
#pragma clang attribute pop
#else
#undef SK_PICK
#define SK_PICK(pool, function) function##_generic
#endif
