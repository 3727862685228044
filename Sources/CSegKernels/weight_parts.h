#ifndef WEIGHT_PARTS_H
#define WEIGHT_PARTS_H
// Weight gradients summed in parts, each by one task: the parts are added in order.
#include "sk_pool.h"

// dw (+)= sum of `parts` sums of `count` floats, `pitch` floats apart.
void sk_add_parts(
    sk_pool *pool, float *dw, const float *sums, size_t count, size_t pitch, size_t parts, int32_t accumulate);

#endif
