#ifndef SK_CONV2D_H
#define SK_CONV2D_H
// Convolution as matrix products over gathered pixels.
#include "sk_pool.h"

// x is (n, h, w, c), y is (n, p, q, k), weights are (r, s, c, k); stride, padding and dilation hold for both axes.
typedef struct {
  int32_t n, h, w, c;
  int32_t p, q, k;
  int32_t r, s;
  int32_t stride, padding, dilation;
} sk_conv2d;

// Scratch bytes for each pass.
size_t sk_conv2d_forward_bytes(const sk_conv2d *conv, int32_t workers);
size_t sk_conv2d_input_gradient_bytes(const sk_conv2d *conv, int32_t workers);
size_t sk_conv2d_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers);

// y = conv(x, weight) + bias; bias may be NULL.
void sk_conv2d_forward(
    sk_pool *pool, const sk_conv2d *conv, float *y, const float *x, const float *weight,
    const float *bias, void *workspace);
// dx = gradient of x, or dx += that.
void sk_conv2d_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dx, const float *dy, const float *weight,
    int32_t accumulate, void *workspace);
// dw = gradient of the weights, or dw += that; pixels are summed in ascending order.
void sk_conv2d_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const float *x, const float *dy,
    int32_t accumulate, void *workspace);

#endif
