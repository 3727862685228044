#ifndef SK_RESIZED_CROSS_ENTROPY_H
#define SK_RESIZED_CROSS_ENTROPY_H
// Softmax cross entropy over the pixels of bilinearly resized logits, which are never stored.
#include "sk_pixel_cross_entropy.h"
#include "sk_resize_bilinear.h"

// Bytes of `workspace` below.
size_t sk_resized_cross_entropy_workspace(struct sk_resize_shape shape, int32_t gradient);

// Loss and normaliser of sk_pixel_cross_entropy for sk_resize_bilinear's output: logits are (n, h, w, c),
// labels (n, p, q), weights (c), 2 to 256 channels. Where dz is not NULL, it becomes the gradient of the
// loss with respect to logits.
void sk_resized_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, float *dz, const float *logits,
    const uint8_t *labels, const float *weights, struct sk_resize_shape shape, int32_t ignore,
    int32_t normalization, void *workspace);

#endif
