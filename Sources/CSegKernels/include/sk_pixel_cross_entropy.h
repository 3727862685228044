#ifndef SK_PIXEL_CROSS_ENTROPY_H
#define SK_PIXEL_CROSS_ENTROPY_H
// Softmax cross entropy over pixels. Logits are (pixels, classes), labels (pixels), weights (classes);
// pixels whose label is `ignore` or no class have no part in value nor gradient. At most 256 classes.
#include "sk_pool.h"

enum { SK_VALID_PIXELS = 0, SK_SUM_OF_WEIGHTS = 1, SK_ALL_PIXELS = 2 };

// Bytes of `partial` below.
size_t sk_pixel_cross_entropy_bytes(size_t pixels);

// loss = sum of w_y * (logsumexp(z) - z_y) / normaliser, 0 when the normaliser is 0.
// Single precision within a pixel, double over pixels.
void sk_pixel_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, const float *logits, const uint8_t *labels,
    const float *weights, size_t pixels, size_t classes, int32_t ignore, int32_t normalization,
    double *partial);

// dz = upstream * w_y * (softmax(z) - onehot(y)) / normaliser, or dz += that.
// dz may equal logits when not accumulating.
void sk_pixel_cross_entropy_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *weights,
    float upstream, double normaliser, size_t pixels, size_t classes, int32_t ignore,
    int32_t accumulate);

#endif
