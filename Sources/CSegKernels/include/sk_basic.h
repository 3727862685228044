#ifndef SK_BASIC_H
#define SK_BASIC_H
// Element by element: fill, copy, add, scale; and the search for what is not finite.
#include "sk_pool.h"

// y = value, or y += value.
void sk_fill(sk_pool *pool, float *y, float value, size_t n, int32_t accumulate);
// y = x, or y += x. y may equal x when not accumulating.
void sk_copy(sk_pool *pool, float *y, const float *x, size_t n, int32_t accumulate);
// y = a + b, or y += a + b. y may equal a.
void sk_add(sk_pool *pool, float *y, const float *a, const float *b, size_t n, int32_t accumulate);
// 1 when every element is finite.
int32_t sk_all_finite(sk_pool *pool, const float *x, size_t n);
// Sum of squares in double, in a fixed order.
double sk_sum_of_squares(sk_pool *pool, const float *x, size_t n);
// y = factor * x, or y += that. y may equal x.
void sk_scale(
    sk_pool *pool, float *y, const float *x, float factor, size_t n, int32_t accumulate);

#endif
