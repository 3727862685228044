#ifndef SK_DROPOUT_H
#define SK_DROPOUT_H
#include "sk_pool.h"

// Whether element `index` is kept: a pure function of its arguments.
int32_t sk_dropout_keeps(uint64_t seed, uint64_t step, uint64_t stream, uint64_t index, double probability);
// y = x / (1 - probability) where kept, else 0; or y += that. y may equal x when not accumulating.
void sk_dropout(
    sk_pool *pool, float *y, const float *x, size_t n, uint64_t seed, uint64_t step, uint64_t stream,
    double probability, int32_t accumulate);

#endif
