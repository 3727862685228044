#ifndef SK_MAX_POOL_H
#define SK_MAX_POOL_H
#include "sk_pool.h"

// Sizes of a pooling: x is (n, h, w, c), y is (n, p, q, c). Window (p, q) covers the rows
// p·stride - padding ... + kernel - 1, and columns likewise; every window reaches at least one pixel.
struct sk_pool_shape {
  size_t n, h, w, c, p, q;
  size_t kernel, stride, padding;
};

// y = the largest value in each window, places = its position in the window, row by row.
// Of equal values the first counts; NaN counts as largest. kernel <= 16.
void sk_max_pool(
    sk_pool *pool, float *y, uint8_t *places, const float *x, struct sk_pool_shape shape);
// dx = dy summed over the windows in which a pixel was the largest; or dx += that.
void sk_max_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, const uint8_t *places, struct sk_pool_shape shape,
    int32_t accumulate);

#endif
