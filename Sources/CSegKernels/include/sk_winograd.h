#ifndef SK_WINOGRAD_H
#define SK_WINOGRAD_H
// Winograd convolutions: 3x3, stride 1, padding = dilation, channels in multiples of 16 (winograd.h).
#include "sk_conv2d.h"

// Whether a convolution has this form.
int32_t sk_winograd_fits(const sk_conv2d *conv);

// What a pass costs, for the choice of an algorithm: rows of all matrix products (sum of products times tiles), and
// products whose weights have to be transformed. `exact`: sub-grids are cut to their length, else padded to fours or fives.
typedef struct {
  size_t product_rows, products;
} sk_winograd_cost;
sk_winograd_cost sk_winograd_costs(const sk_conv2d *conv, int32_t exact);

// Transformed weights, for passes that run more often than the weights change. Floats; `u` is aligned to 64 bytes.
size_t sk_winograd_weight_floats(const sk_conv2d *conv, int32_t exact);
void sk_winograd_weights(sk_pool *pool, const sk_conv2d *conv, int32_t exact, const float *weight, float *u);

// Tasks whose sums `sk_conv2d_output.partial` has room for.
size_t sk_winograd_sum_tasks(const sk_conv2d *conv, int32_t exact);
size_t sk_winograd_input_sum_tasks(const sk_conv2d *conv, int32_t exact);

// Scratch bytes for each pass; `prepared`: weights come transformed.
size_t sk_winograd_forward_bytes(const sk_conv2d *conv, int32_t exact, int32_t prepared, int32_t workers);
size_t sk_winograd_input_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers);
size_t sk_winograd_weight_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers);

// `weight` is (3, 3, c, k), or NULL where `u` holds the transformed weights.
void sk_winograd_forward(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *y, const sk_conv2d_input *x,
    const float *weight, const float *u, void *workspace);
void sk_winograd_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace);
void sk_winograd_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, float *dw, const sk_conv2d_input *x, const float *dy,
    int32_t accumulate, void *workspace);

#endif
