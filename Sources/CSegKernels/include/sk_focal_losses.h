#ifndef SK_FOCAL_LOSSES_H
#define SK_FOCAL_LOSSES_H
// Focal modulation of cross entropies x >= 0, with q = e^-x the probability of the true class.
#include "sk_pool.h"

// y = (1 - q)^gamma * x.
void sk_focal_losses(sk_pool *pool, float *y, const float *x, float gamma, size_t n);

// dx = dy * ((1 - q)^gamma + gamma * (1 - q)^(gamma - 1) * q * x), or dx += that. dx may equal dy or x.
void sk_focal_losses_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *x, float gamma, size_t n,
    int32_t accumulate);

#endif
