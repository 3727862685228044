#ifndef SK_CONCATENATE_H
#define SK_CONCATENATE_H
#include "sk_pool.h"

// Copies `width` channels of every pixel: y[pixel][y_first + i] = x[pixel][x_first + i], or += that.
// y has y_channels a pixel, x has x_channels.
void sk_copy_channels(
    sk_pool *pool, float *y, size_t y_channels, size_t y_first, const float *x, size_t x_channels,
    size_t x_first, size_t pixels, size_t width, int32_t accumulate);

#endif
