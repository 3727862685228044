#ifndef SK_PIXEL_CROSS_ENTROPY_H
#define SK_PIXEL_CROSS_ENTROPY_H
#include "sk_pool.h"

// What the sum over valid pixels is divided by.
enum { SK_VALID_PIXELS = 0, SK_SUM_OF_WEIGHTS = 1, SK_ALL_PIXELS = 2 };

size_t sk_pixel_cross_entropy_bytes(size_t pixels);
// loss = sum over valid pixels of weights[label] * (logsumexp(z) - z[label]) / normaliser; 0 when none is valid.
// A pixel is valid when its label is a class and not `ignore`.
void sk_pixel_cross_entropy(
    sk_pool *pool, float *loss, double *normaliser, const float *logits, const uint8_t *labels,
    const float *weights, size_t pixels, size_t classes, int32_t ignore, int32_t normalization,
    void *workspace);
// dz = upstream * weights[label] * (softmax(z) - onehot) / normaliser on valid pixels, else 0; or dz += that.
void sk_pixel_cross_entropy_gradient(
    sk_pool *pool, float *dz, const float *upstream, const double *normaliser, const float *logits,
    const uint8_t *labels, const float *weights, size_t pixels, size_t classes, int32_t ignore,
    int32_t accumulate);

#endif
