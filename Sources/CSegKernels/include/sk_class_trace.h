#ifndef SK_CLASS_TRACE_H
#define SK_CLASS_TRACE_H
// Sums by true class over the pixels of a batch, for curves of training. Pixels whose label is no class or `ignore`
// do not count. Logits and gradients are (pixels, classes), labels (pixels).
#include "sk_pool.h"

// Bytes of `partial` below, for `columns` sums a row and `rows` rows.
size_t sk_class_trace_bytes(size_t pixels, size_t rows, size_t columns);

// sums (classes, 4): pixels; those of them whose largest logit (the first of equals) is their class's; the sum of p,
// the softmax probability of the true class; the sum of (1 - p)^gamma, gamma >= 0.
void sk_class_trace(
    sk_pool *pool, double *sums, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, float gamma, double *partial);

// sums (classes + 1): the sum of |gradient| over the pixels of each class and their channels; last that of the pixels
// that do not count.
void sk_class_gradient_mass(
    sk_pool *pool, double *sums, const float *gradient, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, double *partial);

#endif
