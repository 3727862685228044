#ifndef SK_SOFTMAX_H
#define SK_SOFTMAX_H
#include "sk_pool.h"

// y = e^x / Σ e^x over each row of x (rows, c); the row's largest value is subtracted first.
void sk_softmax(sk_pool *pool, float *y, const float *x, size_t rows, size_t c);
// dx = y · (dy - Σ dy·y), row by row, or dx += that.
void sk_softmax_gradient(
    sk_pool *pool, float *dx, const float *dy, const float *y, size_t rows, size_t c,
    int32_t accumulate);

#endif
