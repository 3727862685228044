#ifndef SK_GLOBAL_POOL_H
#define SK_GLOBAL_POOL_H
#include "sk_pool.h"

// y[image][c] = mean of x[image][pixel][c]; sums in double, pixels in order.
void sk_global_average(
    sk_pool *pool, float *y, const float *x, size_t images, size_t pixels, size_t channels);
// dx[image][pixel][c] = dy[image][c] / pixels, or dx += that.
void sk_global_average_gradient(
    sk_pool *pool, float *dx, const float *dy, size_t images, size_t pixels, size_t channels,
    int32_t accumulate);

#endif
