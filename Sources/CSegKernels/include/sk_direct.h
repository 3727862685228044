#ifndef SK_DIRECT_H
#define SK_DIRECT_H
// Convolutions as matrix products over gathered pixels by OpenBLAS: the plain algorithm others are compared with. Outputs
// may have a bias and accumulate; no other fusion.
#include "sk_conv2d.h"

size_t sk_direct_forward_bytes(const sk_conv2d *conv, int32_t workers);
size_t sk_direct_input_gradient_bytes(const sk_conv2d *conv, int32_t workers);
size_t sk_direct_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers);

void sk_direct_forward(
    sk_pool *pool, const sk_conv2d *conv, float *y, const float *x, const float *weight, const float *bias,
    void *workspace);
void sk_direct_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dx, const float *dy, const float *weight, int32_t accumulate,
    void *workspace);
void sk_direct_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const float *x, const float *dy, int32_t accumulate,
    void *workspace);

#endif
