#ifndef SK_VARIANT
#include "sk_sgd.h"

enum { CHUNK = 32768 };

struct sgd_args {
  float *theta, *buffer;
  const float *g;
  size_t n;
  float learning_rate, momentum, weight_decay;
};

#define SK_SOURCE "sgd.c"
#include "variants.h"

void sk_sgd(
    sk_pool *pool, float *theta, const float *g, float *buffer, size_t n, float learning_rate,
    float momentum, float weight_decay) {
  struct sgd_args args = {
      .theta = theta, .buffer = buffer, .g = g, .n = n, .learning_rate = learning_rate,
      .momentum = momentum, .weight_decay = weight_decay};
  sk_parallel_for(pool, (n + CHUNK - 1) / CHUNK, SK_PICK(pool, sgd_chunk), &args);
}

#else

static void SK_NAME(sgd_chunk)(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct sgd_args *args = context;
  size_t begin = chunk * CHUNK, end = begin + CHUNK < args->n ? begin + CHUNK : args->n;
  float *restrict theta = args->theta, *restrict buffer = args->buffer;
  const float *restrict g = args->g;
  float learning_rate = args->learning_rate, momentum = args->momentum,
        weight_decay = args->weight_decay;
  if (buffer)
    for (size_t i = begin; i < end; i++) {
      buffer[i] = momentum * buffer[i] + (g[i] + weight_decay * theta[i]);
      theta[i] -= learning_rate * buffer[i];
    }
  else
    for (size_t i = begin; i < end; i++)
      theta[i] -= learning_rate * (g[i] + weight_decay * theta[i]);
}

#endif
