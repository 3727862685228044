#ifndef SK_RESIZE_BILINEAR_H
#define SK_RESIZE_BILINEAR_H
#include "sk_pool.h"

// x is (n, h, w, c), y is (n, p, q, c).
typedef struct {
  int32_t n, h, w, c, p, q;
  int32_t align_corners;
} sk_resize;

size_t sk_resize_bilinear_bytes(const sk_resize *resize);
void sk_resize_bilinear(
    sk_pool *pool, const sk_resize *resize, float *y, const float *x, void *workspace);

size_t sk_resize_bilinear_gradient_bytes(const sk_resize *resize);
// dx = transpose of the above applied to dy, or dx += that; the additions are in ascending order of dy's pixels.
void sk_resize_bilinear_gradient(
    sk_pool *pool, const sk_resize *resize, float *dx, const float *dy, int32_t accumulate,
    void *workspace);

#endif
