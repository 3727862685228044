#ifndef SK_TOP_PIXELS_H
#define SK_TOP_PIXELS_H
// Means of the largest of many pixel losses. Losses, labels and shares are (pixels), weights (classes); pixels whose
// label is `ignore` or no class take no part. u = w_y * x; of equal ones the first pixels count as larger.
#include "sk_pool.h"

size_t sk_top_pixels_bytes(size_t pixels);

// The k = max(1, floor(fraction * n)) largest u of the n pixels that take part: loss = their mean, shares = w_y / k
// there and 0 elsewhere. No pixels give 0.
void sk_top_pixels(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, double fraction, size_t pixels, size_t classes, int32_t ignore,
    void *workspace);

// The same of pixels with x > min(limit, the x of rank min(kept, n - 1) from 0, the largest first).
void sk_pixels_above(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, float limit, size_t kept, size_t pixels, size_t classes, int32_t ignore,
    void *workspace);

// Bytes of `workspace` below.
size_t sk_top_of_rows_bytes(size_t rows, size_t width, int32_t threads);

// The k <= width largest u of every row of `width` pixels, those that take no part as 0: loss = mean over rows * k.
void sk_top_of_rows(
    sk_pool *pool, float *loss, float *shares, const float *losses, const uint8_t *labels,
    const float *weights, size_t k, size_t rows, size_t width, size_t classes, int32_t ignore,
    void *workspace);

#endif
