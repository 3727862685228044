#ifndef SK_VECMATH_H
#define SK_VECMATH_H
// The vector functions of vecmath.h over arrays: what tests measure.
#include "sk_pool.h"

// y = e^x; y may equal x.
void sk_exp(sk_pool *pool, float *y, const float *x, size_t n);
// The same for x <= 0, and 0 below -87.
void sk_exp_below(sk_pool *pool, float *y, const float *x, size_t n);
// y = ln x; y may equal x.
void sk_log(sk_pool *pool, float *y, const float *x, size_t n);

#endif
