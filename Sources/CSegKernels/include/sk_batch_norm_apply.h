#ifndef SK_BATCH_NORM_APPLY_H
#define SK_BATCH_NORM_APPLY_H
// Normalises each channel with given statistics.
#include "sk_pool.h"

// y = (x - mean) * inverse_std * gamma + beta, plus `residual` unless it is null; then max(0, y) if
// `rectifies` (NaN stays). x, y and residual are (rows, channels), y may equal x or residual.
// `scale` is scratch of (channels).
void sk_batch_norm_apply(
    sk_pool *pool, float *y, const float *x, const float *mean, const float *inverse_std,
    const float *gamma, const float *beta, const float *residual, int32_t rectifies, size_t rows,
    size_t channels, float *scale);

#endif
