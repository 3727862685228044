#ifndef SK_RESIZE_BILINEAR_H
#define SK_RESIZE_BILINEAR_H
#include "sk_pool.h"

// Sizes of a resize: x is (n, h, w, c), y is (n, p, q, c); none is 0.
struct sk_resize_shape {
  size_t n, h, w, c, p, q;
  int32_t align_corners;
};

size_t sk_resize_bilinear_workspace(struct sk_resize_shape shape, size_t workers);
// y = x resized, positions as in PyTorch's interpolate(mode='bilinear').
void sk_resize_bilinear(
    sk_pool *pool, float *y, const float *x, struct sk_resize_shape shape, void *workspace);

size_t sk_resize_bilinear_gradient_workspace(struct sk_resize_shape shape);
// dx = the transpose of the same applied to dy, or dx += that.
void sk_resize_bilinear_gradient(
    sk_pool *pool, float *dx, const float *dy, struct sk_resize_shape shape, int32_t accumulate,
    void *workspace);

#endif
