#ifndef SK_AVERAGE_H
#define SK_AVERAGE_H
// A moving average of weights, and its exchange with them.
#include "sk_pool.h"

// average += share * (x - average).
void sk_average(sk_pool *pool, float *average, const float *x, float share, size_t n);
// a and b change places; they do not overlap.
void sk_exchange(sk_pool *pool, float *a, float *b, size_t n);

#endif
