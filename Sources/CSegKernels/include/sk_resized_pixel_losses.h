#ifndef SK_RESIZED_PIXEL_LOSSES_H
#define SK_RESIZED_PIXEL_LOSSES_H
// Softmax cross entropy of every pixel of bilinearly resized logits, which are never stored. Logits are (n, h, w, c),
// labels and losses (n, p, q), 2 to 256 channels.
#include "sk_pixel_losses.h"
#include "sk_resize_bilinear.h"

// Bytes of `workspace` below.
size_t sk_resized_pixel_losses_workspace(struct sk_resize_shape shape, int32_t gradient);

// sk_pixel_losses of sk_resize_bilinear's output.
void sk_resized_pixel_losses(
    sk_pool *pool, float *losses, const float *logits, const uint8_t *labels,
    struct sk_resize_shape shape, int32_t ignore, void *workspace);

// dz = the gradient with respect to logits, from one g a pixel (n, p, q); or dz += that.
void sk_resized_pixel_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *g,
    struct sk_resize_shape shape, int32_t ignore, int32_t accumulate, void *workspace);

#endif
