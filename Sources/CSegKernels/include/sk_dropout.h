#ifndef SK_DROPOUT_H
#define SK_DROPOUT_H
#include "sk_pool.h"

// y = x / (1 - probability) where the mask keeps an element, else 0; or y += that. y may equal x when not
// accumulating. 0 <= probability < 1. The mask depends on nothing but (seed, step, stream) and the
// element's index, so forward and gradient compute the same one.
void sk_dropout(
    sk_pool *pool, float *y, const float *x, size_t n, double probability, uint64_t seed,
    uint64_t step, uint64_t stream, int32_t accumulate);
// 1 when the mask keeps element `index` (tests).
int32_t sk_dropout_keeps(
    double probability, uint64_t seed, uint64_t step, uint64_t stream, size_t index);

#endif
