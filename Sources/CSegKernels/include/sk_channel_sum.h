#ifndef SK_CHANNEL_SUM_H
#define SK_CHANNEL_SUM_H
#include "sk_pool.h"

// Chunks of pixels whose sums are kept apart; scratch is that many rows of `channels` doubles.
size_t sk_channel_sum_bytes(size_t pixels, size_t channels);
// y[c] = sum of x[pixel][c] over pixels, or y[c] += that; in double, chunks added in order.
void sk_channel_sum(
    sk_pool *pool, float *y, const float *x, size_t pixels, size_t channels, int32_t accumulate,
    void *workspace);

#endif
