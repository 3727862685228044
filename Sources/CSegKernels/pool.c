#include "sk_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 };

// The chunks a thread begins with. Operations that follow one another cut the same pixels into the same parts, so what a
// thread reads is mostly what it has written, and lies in its own caches.
//
// Generation in the upper half, next chunk in the lower: a thread that wakes late sees that the operation it was called
// for is over, and the caller need not wait for it.
struct share {
  _Alignas(LINE_BYTES) _Atomic uint64_t next;
};

struct sk_pool {
  int32_t threads, isa;
  pthread_t *workers;
  int32_t started;  // workers that exist, the caller not counted

  pthread_mutex_t mutex;
  pthread_cond_t wake;
  atomic_uint generation;  // raised once per operation
  atomic_bool stop;

  struct share *shares;  // one a thread
  atomic_size_t done;
  atomic_size_t chunks;
  sk_task task;
  void *context;
};

struct worker_start {
  sk_pool *pool;
  int32_t index;
};

// Operations follow one another within microseconds, so it pays to spin a little before sleeping.
enum { SPINS = 20000 };

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// What was stored past the caches is not ordered by what follows, unless said so.
static inline void publish(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

static size_t share_begin(const sk_pool *pool, size_t chunks, int32_t share) {
  return chunks * (size_t)share / (size_t)pool->threads;
}

// False: the operation is over.
static bool take_share(sk_pool *pool, int32_t share, int32_t worker, unsigned generation) {
  _Atomic uint64_t *place = &pool->shares[share].next;
  uint64_t next = atomic_load(place);
  for (;;) {
    if ((unsigned)(next >> 32) != generation) return false;
    size_t chunk = (size_t)(next & 0xffffffffu);
    if (chunk >= share_begin(pool, atomic_load(&pool->chunks), share + 1)) return true;
    if (!atomic_compare_exchange_weak(place, &next, next + 1)) continue;
    pool->task(pool->context, chunk, worker);
    publish();
    atomic_fetch_add(&pool->done, 1);
    next = atomic_load(place);
  }
}

// Its own share, then what is left of the others'.
static void take_chunks(sk_pool *pool, int32_t worker, unsigned generation) {
  for (int32_t i = 0; i < pool->threads; i++)
    if (!take_share(pool, (worker + i) % pool->threads, worker, generation)) return;
}

static void *worker_main(void *argument) {
  struct worker_start start = *(struct worker_start *)argument;
  free(argument);
  sk_pool *pool = start.pool;
  unsigned seen = 0;
  for (;;) {
    for (int i = 0; i < SPINS && atomic_load(&pool->generation) == seen; i++) relax();
    if (atomic_load(&pool->generation) == seen) {
      pthread_mutex_lock(&pool->mutex);
      while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
      pthread_mutex_unlock(&pool->mutex);
    }
    seen = atomic_load(&pool->generation);
    if (atomic_load(&pool->stop)) return NULL;
    take_chunks(pool, start.index, seen);
  }
}

static void wake_workers(sk_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->generation, 1);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

sk_pool *sk_pool_create(int32_t threads, int32_t isa) {
  sk_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->threads = threads;
  pool->isa = isa;
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->shares = aligned_alloc(LINE_BYTES, (size_t)threads * sizeof *pool->shares);
  pool->workers = calloc((size_t)threads, sizeof *pool->workers);
  if (!pool->shares || !pool->workers) {
    free(pool->shares);
    free(pool->workers);
    free(pool);
    return NULL;
  }
  for (int32_t i = 0; i < threads; i++) atomic_init(&pool->shares[i].next, UINT64_MAX);
  for (int32_t i = 1; i < threads; i++) {
    struct worker_start *start = malloc(sizeof *start);
    if (!start) break;
    *start = (struct worker_start){pool, i};
    if (pthread_create(&pool->workers[pool->started], NULL, worker_main, start)) {
      free(start);
      break;  // fewer threads give the same bits, only later
    }
    pool->started++;
  }
  return pool;
}

void sk_pool_destroy(sk_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stop, true);
  wake_workers(pool);
  for (int32_t i = 0; i < pool->started; i++) pthread_join(pool->workers[i], NULL);
  pthread_mutex_destroy(&pool->mutex);
  pthread_cond_destroy(&pool->wake);
  free(pool->workers);
  free(pool->shares);
  free(pool);
}

int32_t sk_pool_threads(const sk_pool *pool) { return pool->threads; }
int32_t sk_pool_isa(const sk_pool *pool) { return pool->isa; }

void sk_parallel_for(sk_pool *pool, size_t chunks, sk_task task, void *context) {
  if (pool->started == 0 || chunks <= 1) {
    for (size_t chunk = 0; chunk < chunks; chunk++) task(context, chunk, 0);
    publish();
    return;
  }
  unsigned generation = atomic_load(&pool->generation) + 1;
  // Closed while the fields change, so that no late thread can pair an old chunk with the new task.
  for (int32_t i = 0; i < pool->threads; i++) atomic_store(&pool->shares[i].next, UINT64_MAX);
  atomic_store(&pool->chunks, chunks);
  atomic_store(&pool->done, 0);
  pool->task = task;
  pool->context = context;
  for (int32_t i = 0; i < pool->threads; i++)
    atomic_store(&pool->shares[i].next, (uint64_t)generation << 32 | share_begin(pool, chunks, i));
  wake_workers(pool);
  take_chunks(pool, 0, generation);
  for (int i = 0; atomic_load(&pool->done) < chunks; i++) {
    relax();
    if (i > SPINS) sched_yield();  // a worker lost its core: leave ours to it
  }
}

int32_t sk_supported_isa(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
    return SK_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SK_AVX2;
#endif
  return SK_GENERIC;
}

int32_t sk_detect_isa(void) {
  int32_t best = sk_supported_isa();
  const char *wish = getenv("SEGTRAIN_ISA");
  int32_t asked = best;
  if (wish && !strcmp(wish, "generic")) asked = SK_GENERIC;
  if (wish && !strcmp(wish, "avx2")) asked = SK_AVX2;
  return asked < best ? asked : best;
}
