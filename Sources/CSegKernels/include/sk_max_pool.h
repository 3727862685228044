#ifndef SK_MAX_POOL_H
#define SK_MAX_POOL_H
#include "sk_pool.h"

// x is (n, h, w, c), y is (n, p, q, c); square windows.
typedef struct {
  int32_t n, h, w, c, p, q;
  int32_t kernel, stride, padding;
} sk_max_pool_shape;

// y = largest of each window, padding left out; position (n, p, q, c) = which one, r * kernel + s, the first of
// equals. NaN is larger than anything.
void sk_max_pool(
    sk_pool *pool, const sk_max_pool_shape *shape, float *y, uint8_t *position, const float *x);
// dx = sum of dy over the windows each pixel won, or dx += that.
void sk_max_pool_gradient(
    sk_pool *pool, const sk_max_pool_shape *shape, float *dx, const float *dy, const uint8_t *position,
    int32_t accumulate);

#endif
