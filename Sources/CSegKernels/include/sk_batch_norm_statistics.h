#ifndef SK_BATCH_NORM_STATISTICS_H
#define SK_BATCH_NORM_STATISTICS_H
// Mean and variance of each channel over all pixels of a batch.
#include "sk_pool.h"

// Bytes of `partial` below.
size_t sk_batch_norm_statistics_bytes(size_t rows, size_t channels);

// x is (rows, channels); mean, variance, inverse_std are (channels).
// Variance without Bessel's correction; inverse_std = 1 / sqrt(variance + epsilon). Sums in double.
void sk_batch_norm_statistics(
    sk_pool *pool, float *mean, float *variance, float *inverse_std, const float *x, size_t rows,
    size_t channels, double epsilon, double *partial);

#endif
