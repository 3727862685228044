#ifndef SK_ADAM_H
#define SK_ADAM_H
// One step of Adam (Kingma and Ba 2015) over a flat range of parameters.
#include "sk_pool.h"

struct sk_adam_step {
  float beta1, beta2, epsilon, weight_decay;
  float one_minus_beta1, one_minus_beta2;  // rounded from double: 1 - 0.999f is off by 5e-8 of 1e-3
  float step_size;                         // learning rate / (1 - beta1^t)
  float root_correction;                   // 1 / sqrt(1 - beta2^t)
};

// g += weight_decay * theta; m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g * g;
// theta -= step_size * m / (sqrt(v) * root_correction + epsilon). m and v start as zeros.
void sk_adam(
    sk_pool *pool, float *theta, const float *g, float *m, float *v, size_t n,
    const struct sk_adam_step *step);

#endif
