#ifndef SK_GATHERED_H
#define SK_GATHERED_H
// Convolutions of any form as products of gathered pixels with packed weights, on our own kernels (matrix.h).
#include "sk_conv2d.h"

// Packed weights, for passes that run more often than the weights change.
size_t sk_gathered_weight_floats(const sk_conv2d *conv);
void sk_gathered_weights(sk_pool *pool, const sk_conv2d *conv, const float *weight, float *packed);

// Tasks whose sums `sk_conv2d_output.partial` has room for.
size_t sk_gathered_sum_tasks(const sk_conv2d *conv);
size_t sk_gathered_input_sum_tasks(const sk_conv2d *conv);

// Scratch bytes for each pass; `prepared`: weights come packed.
size_t sk_gathered_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers);
size_t sk_gathered_input_gradient_bytes(const sk_conv2d *conv, int32_t workers);
size_t sk_gathered_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers);

// `weight` is (r, s, c, k), or NULL where `packed` holds the packed weights.
void sk_gathered_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *packed, void *workspace);
void sk_gathered_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *dx, const float *dy, const float *weight,
    void *workspace);
void sk_gathered_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace);

#endif
