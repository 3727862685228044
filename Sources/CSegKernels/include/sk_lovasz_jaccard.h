#ifndef SK_LOVASZ_JACCARD_H
#define SK_LOVASZ_JACCARD_H
// The Lovász extension of the Jaccard loss of softmax probabilities (Berman et al. 2018, algorithm 1).
#include "sk_region_sums.h"

// Bytes of `workspace` below.
size_t sk_lovasz_jaccard_bytes(struct sk_regions regions, size_t workers);

// Of a class in a region: e = |Y - p| of the valid pixels, the largest first, equal ones in the order of
// pixels; the sum of e times the growth of the Jaccard loss as pixels are added in that order.
// loss = mean over regions of the mean over the region's classes that have pixels, or with `all_classes` over all;
// a region without valid pixels adds 0. NaN where a valid pixel's logits are none.
// slopes (regions, classes, pixels) = derivatives by p, for which the order is held constant.
void sk_lovasz_jaccard(
    sk_pool *pool, float *loss, float *slopes, const float *logits, const uint8_t *labels,
    struct sk_regions regions, int32_t all_classes, void *workspace);

// dz = upstream times the derivatives by the logits, or dz += that. dz may equal logits when not accumulating.
void sk_lovasz_jaccard_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const float *slopes,
    float upstream, struct sk_regions regions, int32_t accumulate);

#endif
