#ifndef SK_CONCATENATE_H
#define SK_CONCATENATE_H
#include "sk_pool.h"

// Copies a matrix between places with different distances between rows.
// y is (rows, columns) with y_stride floats from row to row, x likewise; y = x, or y += x.
void sk_copy_columns(
    sk_pool *pool, float *y, size_t y_stride, const float *x, size_t x_stride, size_t rows,
    size_t columns, int32_t accumulate);

#endif
