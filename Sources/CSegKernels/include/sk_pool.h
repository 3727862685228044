#ifndef SK_POOL_H
#define SK_POOL_H
// Worker threads and the choice of vector variant. Every kernel takes the pool first.
#include <stddef.h>
#include <stdint.h>

typedef struct sk_pool sk_pool;

enum { SK_GENERIC = 0, SK_AVX2 = 1, SK_AVX512 = 2 };

// Widest variant this machine can run.
int32_t sk_supported_isa(void);
// The same, lowered by SEGTRAIN_ISA=generic|avx2|avx512 where that is set.
int32_t sk_detect_isa(void);

// `threads` >= 1; the calling thread takes part. NULL when threads cannot be made.
sk_pool *sk_pool_create(int32_t threads, int32_t isa);
void sk_pool_destroy(sk_pool *pool);
int32_t sk_pool_threads(const sk_pool *pool);
int32_t sk_pool_isa(const sk_pool *pool);

// One chunk of an operation. `worker` < threads tells apart the threads' scratch memory.
typedef void (*sk_task)(void *context, size_t chunk, int32_t worker);

// Runs task(context, 0 .. chunks-1), each once, on any thread, and waits for all.
// Chunks must come from the size of the problem, never from the number of threads, and write disjoint memory.
void sk_parallel_for(sk_pool *pool, size_t chunks, sk_task task, void *context);

#endif
