#ifndef SK_MAX_POOLED_PIXELS_H
#define SK_MAX_POOLED_PIXELS_H
// Loss max-pooling. Losses, labels and shares are (pixels); pixels whose label is `ignore` or no class take no part.
#include "sk_pool.h"

size_t sk_max_pooled_pixels_bytes(size_t pixels);

// The largest sum of w * x over weights w >= 0 with |w|_p <= n^(-1/q) and w <= tau = n^(-1/q) * (ratio * n)^(-1/p), for
// the n pixels that take part and 1/p + 1/q = 1; shares = w. 1 < p, 0 < ratio <= 1. No pixels give 0.
void sk_max_pooled_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels, double p,
    double ratio, size_t pixels, size_t classes, int32_t ignore, void *workspace);

// As the authors of the loss schedules rescale gradients: over all pixels, those that take no part with x = 0, a is the
// x of rank floor(ratio * n) from 0, the largest first; shares = tau / 2 * min(1, (x / a)^(q - 1)), loss = sum of
// shares * x. Where a is 0, tau / 2 where x is not.
void sk_rescaled_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels, double p,
    double ratio, size_t pixels, size_t classes, int32_t ignore, void *workspace);

#endif
