#ifndef SK_STRIPS_H
#define SK_STRIPS_H
// Convolutions without dilation as products of strips of rows with packed weights: the stem, and strided 3x3.
#include "sk_conv2d.h"

int32_t sk_strips_fits(const sk_conv2d *conv);

size_t sk_strips_sum_tasks(const sk_conv2d *conv);

// Scratch bytes; `prepared`: weights come packed (sk_gathered_weights).
size_t sk_strips_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers);
size_t sk_strips_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers);

void sk_strips_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *packed, void *workspace);
void sk_strips_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace);

#endif
