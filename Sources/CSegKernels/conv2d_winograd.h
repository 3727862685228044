#ifndef CONV2D_WINOGRAD_H
#define CONV2D_WINOGRAD_H
// The pass that the forward convolution and the gradient of its input share.
#include "sk_conv2d.h"
#include "sk_pool.h"
#include "winograd_weights.h"

// `u`: transformed weights of all classes, or NULL: `raw` ones are transformed when they are needed.
void sk_winograd_pass(
    sk_pool *, const sk_conv2d *, int32_t exact, const sk_conv2d_output *y, const sk_conv2d_input *x,
    struct raw_weights raw, const float *u, void *workspace);

#endif
