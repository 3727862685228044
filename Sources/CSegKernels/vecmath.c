#ifndef SK_VARIANT
#include "sk_vecmath.h"

enum { CHUNK = 32768 };

struct vecmath_args {
  float *y;
  const float *x;
  size_t n;
};

#define SK_SOURCE "vecmath.c"
#include "variants.h"

void sk_exp(sk_pool *pool, float *y, const float *x, size_t n) {
  struct vecmath_args args = {.y = y, .x = x, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, exp_chunk), &args);
}

void sk_exp_below(sk_pool *pool, float *y, const float *x, size_t n) {
  struct vecmath_args args = {.y = y, .x = x, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, exp_below_chunk), &args);
}

void sk_log(sk_pool *pool, float *y, const float *x, size_t n) {
  struct vecmath_args args = {.y = y, .x = x, .n = n};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, log_chunk), &args);
}

#else
#include "vecmath.h"

static void SK_NAME(exp_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct vecmath_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  for (; i + 16 <= end; i += 16)
    SK_NAME(store16)(args->y + i, SK_NAME(exp16)(SK_NAME(load16)(args->x + i)));
  v16 last = SK_NAME(exp16)(SK_NAME(load16_part)(args->x + i, end - i, 0));
  SK_NAME(store16_part)(args->y + i, last, end - i);
}

static void SK_NAME(exp_below_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct vecmath_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  for (; i + 16 <= end; i += 16)
    SK_NAME(store16)(args->y + i, SK_NAME(exp16_below)(SK_NAME(load16)(args->x + i)));
  v16 last = SK_NAME(exp16_below)(SK_NAME(load16_part)(args->x + i, end - i, 0));
  SK_NAME(store16_part)(args->y + i, last, end - i);
}

static void SK_NAME(log_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct vecmath_args *args = context;
  size_t i = chunk * CHUNK, end = i + CHUNK < args->n ? i + CHUNK : args->n;
  for (; i + 16 <= end; i += 16)
    SK_NAME(store16)(args->y + i, SK_NAME(log16)(SK_NAME(load16)(args->x + i)));
  v16 last = SK_NAME(log16)(SK_NAME(load16_part)(args->x + i, end - i, 1));
  SK_NAME(store16_part)(args->y + i, last, end - i);
}

#endif
