#ifndef SK_MAX_POOL_H
#define SK_MAX_POOL_H
#include "sk_conv2d.h"
#include "sk_pool.h"

// Sizes of a pooling: x is (n, h, w, c), y is (n, p, q, c). Window (p, q) covers the rows
// p·stride - padding ... + kernel - 1, and columns likewise; every window reaches at least one pixel.
struct sk_pool_shape {
  size_t n, h, w, c, p, q;
  size_t kernel, stride, padding;
};

// y = the largest value of x, or of its activation, in each window; places = its position in the window, row by row.
// Of equal values the first counts; NaN counts as largest. kernel <= 16.
void sk_max_pool(
    sk_pool *pool, float *y, uint8_t *places, const sk_conv2d_input *x, struct sk_pool_shape shape);
// dx = dy summed over the windows in which a pixel was the largest; or dx += that.
void sk_max_pool_gradient(
    sk_pool *pool, float *dx, const float *dy, const uint8_t *places, struct sk_pool_shape shape,
    int32_t accumulate);

// The same of a pooled activation of x, through its rectifier: g = that where the activation is positive. `partial`
// (tasks, 2, channels) takes each task's sums of g and of g * (x - mean), as of a convolution's input gradient
// (sk_conv2d_gradient_sums).
size_t sk_max_pool_activation_gradient_tasks(struct sk_pool_shape shape);
size_t sk_max_pool_activation_gradient_bytes(struct sk_pool_shape shape, int32_t workers);
void sk_max_pool_activation_gradient(
    sk_pool *pool, float *g, const float *dy, const uint8_t *places, const sk_conv2d_input *x, struct sk_pool_shape shape,
    double *partial, void *scratch);

#endif
