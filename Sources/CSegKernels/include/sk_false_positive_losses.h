#ifndef SK_FALSE_POSITIVE_LOSSES_H
#define SK_FALSE_POSITIVE_LOSSES_H
// How sure a network is where it is wrong. Logits are (pixels, classes), labels, losses and predictions (pixels).
// The prediction k is the largest logit, the first of equals; a pixel takes part when its label is a class, not
// `ignore`, and not k. At most 255 classes.
#include "sk_pool.h"

enum { SK_NO_PREDICTION = 255 };

// losses = -log(1 - p_k + 1e-9), predictions = k; 0 and SK_NO_PREDICTION where a pixel takes no part.
void sk_false_positive_losses(
    sk_pool *pool, float *losses, uint8_t *predictions, const float *logits, const uint8_t *labels,
    size_t pixels, size_t classes, int32_t ignore);

// dz = g * d losses / dz with one g a pixel and k constant, or dz += that.
// dz may equal logits when not accumulating.
void sk_false_positive_losses_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *predictions, const float *g,
    size_t pixels, size_t classes, int32_t accumulate);

#endif
