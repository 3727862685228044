#ifndef SK_GLOBAL_AVERAGE_POOL_H
#define SK_GLOBAL_AVERAGE_POOL_H
#include "sk_pool.h"

// Bytes of workspace the mean of x (n, pixels, c) needs.
size_t sk_global_average_pool_workspace(size_t n, size_t pixels, size_t c);
// y (n, c) = mean over the pixels of x (n, pixels, c), summed in double in a fixed order.
void sk_global_average_pool(
    sk_pool *pool, float *y, const float *x, size_t n, size_t pixels, size_t c, void *workspace);
// dx (n, pixels, c) = dy (n, c) / pixels, or dx += that.
void sk_global_average_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, size_t n, size_t pixels, size_t c,
    int32_t accumulate);

#endif
