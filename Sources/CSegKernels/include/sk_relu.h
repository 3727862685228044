#ifndef SK_RELU_H
#define SK_RELU_H
#include "sk_pool.h"

// y = max(0, x); y may equal x.
void sk_relu(sk_pool *pool, float *y, const float *x, size_t n);
// y = max(0, a + b); y may equal a or b.
void sk_add_relu(sk_pool *pool, float *y, const float *a, const float *b, size_t n);
// dx = dy where y > 0, else 0; or dx += that. dx may equal dy when not accumulating.
void sk_relu_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t n, int32_t accumulate);

#endif
