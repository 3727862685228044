#ifndef SK_PIXEL_LOSSES_H
#define SK_PIXEL_LOSSES_H
// Softmax cross entropy of every pixel. Logits are (pixels, classes), labels and losses (pixels); pixels whose
// label is `ignore` or no class have a loss of 0 and no gradient, whatever their logits. At most 256 classes.
#include "sk_pool.h"

// losses = logsumexp(z) - z_y, in single precision.
void sk_pixel_losses(
    sk_pool *pool, float *losses, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore);

// dz = g * (softmax(z) - onehot(y)) with one g a pixel, or dz += that. dz may equal logits when not accumulating.
void sk_pixel_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *g,
    size_t pixels, size_t classes, int32_t ignore, int32_t accumulate);

#endif
