#ifndef SK_PHASES_H
#define SK_PHASES_H
// The stem by Winograd: 7x7 or 8x8 kernels of stride 2 on a few channels (phases.h).
#include "sk_conv2d.h"

// Whether a convolution has this form.
int32_t sk_phases_fits(const sk_conv2d *conv);

// Rows of all matrix products (products times tiles), whose inner length is four times the channels.
size_t sk_phases_product_rows(const sk_conv2d *conv);

// Transformed weights, for passes that run more often than the weights change. Floats; `u` is aligned to 64 bytes.
size_t sk_phases_weight_floats(const sk_conv2d *conv);
void sk_phases_weights(sk_pool *pool, const sk_conv2d *conv, const float *weight, float *u);

size_t sk_phases_sum_tasks(const sk_conv2d *conv);

// Scratch bytes; `prepared`: weights come transformed.
size_t sk_phases_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers);
size_t sk_phases_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers);

// `weight` is (r, s, c, k), or NULL where `u` holds the transformed weights.
void sk_phases_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *u, void *workspace);
void sk_phases_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace);

#endif
