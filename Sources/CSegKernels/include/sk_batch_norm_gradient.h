#ifndef SK_BATCH_NORM_GRADIENT_H
#define SK_BATCH_NORM_GRADIENT_H
// Gradients of batch normalisation. dy, x, dx are (rows, channels); the rest is (channels).
// xhat = (x - mean) * inverse_std.
#include "sk_pool.h"

// Bytes of `partial` below.
size_t sk_batch_norm_gradient_sums_bytes(size_t rows, size_t channels);

// dgamma = sum of dy * xhat, dbeta = sum of dy, in double; or += with the flags.
void sk_batch_norm_gradient_sums(
    sk_pool *pool, float *dgamma, float *dbeta, const float *dy, const float *x, const float *mean,
    const float *inverse_std, size_t rows, size_t channels, int32_t accumulate_dgamma,
    int32_t accumulate_dbeta, double *partial);

// The statistics were taken from x:
// dx = gamma * inverse_std * (dy - dbeta / rows - xhat * dgamma / rows), or dx += that.
// dx may equal dy when not accumulating. `scratch` is (3, channels).
void sk_batch_norm_gradient_input(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *dgamma, const float *dbeta,
    size_t rows, size_t channels, int32_t accumulate, float *scratch);

// The statistics were fixed: dx = gamma * inverse_std * dy, or dx += that. `scratch` is (channels).
void sk_batch_norm_gradient_fixed(
    sk_pool *pool, float *dx, const float *dy, const float *inverse_std, const float *gamma,
    size_t rows, size_t channels, int32_t accumulate, float *scratch);

#endif
