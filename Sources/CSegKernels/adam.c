#ifndef SK_VARIANT
#include "sk_adam.h"

#include <math.h>

enum { CHUNK = 32768 };

struct adam_args {
  float *theta, *m, *v;
  const float *g;
  size_t n;
  const struct sk_adam_step *step;
};

#define SK_SOURCE "adam.c"
#include "variants.h"

void sk_adam(
    sk_pool *pool, float *theta, const float *g, float *m, float *v, size_t n,
    const struct sk_adam_step *step) {
  struct adam_args args = {.theta = theta, .m = m, .v = v, .g = g, .n = n, .step = step};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, adam_chunk), &args);
}

#else

static void SK_NAME(adam_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct adam_args *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->n ? begin + CHUNK : args->n;
  float *restrict theta = args->theta, *restrict m = args->m, *restrict v = args->v;
  const float *restrict g = args->g;
  const struct sk_adam_step s = *args->step;
  for (size_t i = begin; i < end; i++) {
    float gradient = g[i] + s.weight_decay * theta[i];
    m[i] = s.beta1 * m[i] + s.one_minus_beta1 * gradient;
    v[i] = s.beta2 * v[i] + s.one_minus_beta2 * (gradient * gradient);
    theta[i] -= s.step_size * m[i] / (sqrtf(v[i]) * s.root_correction + s.epsilon);
  }
}

#endif
