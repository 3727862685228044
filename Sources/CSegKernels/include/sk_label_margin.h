#ifndef SK_LABEL_MARGIN_H
#define SK_LABEL_MARGIN_H
#include "sk_pool.h"

// y = scale · z, and scale · z - scale · margins[label] in the channel of the pixel's label.
// y and z are (pixels, c), labels (pixels), margins (c). Pixels labelled ignore_index, or with a label that is no
// class, are scaled alone. y may equal z.
void sk_label_margin(
    sk_pool *pool, float *y, const float *z, const uint8_t *labels, const float *margins,
    float scale, size_t pixels, size_t c, int32_t ignore_index);

#endif
