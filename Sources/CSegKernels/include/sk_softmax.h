#ifndef SK_SOFTMAX_H
#define SK_SOFTMAX_H
#include "sk_pool.h"

// y[row] = softmax of x[row] over `classes` numbers; y may equal x.
void sk_softmax(sk_pool *pool, float *y, const float *x, size_t rows, size_t classes);
// dx = y * (dy - sum(dy * y)), or dx += that; dx may equal dy when not accumulating.
void sk_softmax_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t rows, size_t classes,
    int32_t accumulate);

#endif
