#ifndef SK_BATCH_NORM_GRADIENT_H
#define SK_BATCH_NORM_GRADIENT_H
// Gradients of batch normalisation. dy, x, dx are (rows, channels); the rest is (channels).
// xhat = (x - mean) * inverse_std.
//
// With `beta` other than null a rectifier followed: dy counts only where xhat * gamma + beta > 0, computed
// again from x as the forward pass did.
#include "sk_pool.h"

// Bytes of `scratch` below.
size_t sk_batch_norm_gradient_sums_bytes(size_t rows, size_t channels);

// dgamma = sum of dy * xhat, dbeta = sum of dy, in double; or += with the flags.
void sk_batch_norm_gradient_sums(
    sk_pool *pool, float *dgamma, float *dbeta, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, size_t rows, size_t channels,
    int32_t accumulate_dgamma, int32_t accumulate_dbeta, void *scratch);

// The same where a residual was added before the rectifier, so that only y tells what passed: writes
// g = dy where y > 0, else 0, and sums over g. g may equal dy.
void sk_batch_norm_residual_gradient(
    sk_pool *pool, float *g, float *dgamma, float *dbeta, const float *dy, const float *y,
    const float *x, const float *mean, const float *inverse_std, size_t rows, size_t channels,
    int32_t accumulate_dgamma, int32_t accumulate_dbeta, void *scratch);

// The statistics were taken from x:
// dx = gamma * inverse_std * (dy - dbeta / rows - xhat * dgamma / rows), or dx += that.
// dx may equal dy when not accumulating. `scratch` is (3, channels).
void sk_batch_norm_gradient_input(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, const float *dgamma,
    const float *dbeta, size_t rows, size_t channels, int32_t accumulate, float *scratch);

// The statistics were fixed: dx = gamma * inverse_std * dy, or dx += that. `scratch` is (channels).
// x and mean are read only where a rectifier followed.
void sk_batch_norm_gradient_fixed(
    sk_pool *pool, float *dx, const float *dy, const float *x, const float *mean,
    const float *inverse_std, const float *gamma, const float *beta, size_t rows, size_t channels,
    int32_t accumulate, float *scratch);

#endif
