#ifndef SK_PIXEL_MEAN_H
#define SK_PIXEL_MEAN_H
// The weighted mean of a map of pixel losses. Losses, labels and shares are (pixels), weights (classes); pixels whose
// label is `ignore` or no class take no part.
#include "sk_pixel_cross_entropy.h"

// Bytes of `partial` below.
size_t sk_pixel_mean_bytes(size_t pixels);

// u = w_y * (1 - e^-x)^gamma; loss = sum of u * x / normaliser in double, shares = u / normaliser. The normaliser is
// that of sk_pixel_cross_entropy, with u as weight; 0 gives a loss and shares of 0.
void sk_pixel_mean(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, float gamma, size_t pixels, size_t classes, int32_t ignore,
    int32_t normalization, double *partial);

#endif
