#ifndef SK_REGION_SUMS_H
#define SK_REGION_SUMS_H
// What overlap losses (dice, Jaccard, Tversky) are made of: sums of softmax probabilities over regions.
#include "sk_pool.h"

// Pixels in regions that are looked at apart: images, or the whole batch as one. Logits are
// (regions, pixels, classes), labels (regions, pixels); at most 256 classes.
struct sk_regions {
  size_t regions, pixels, classes;
  // A pixel is valid when its label is a class and not `ignore`.
  int32_t ignore;
  // Probabilities of pixels that are not valid are summed too; such a pixel is of no class.
  int32_t sums_ignored;
};

// Bytes of `partial` below.
size_t sk_region_sums_bytes(struct sk_regions regions);

// sums is (regions, classes, 4). With p = softmax(z), and Y = 1 where the label is the class, else 0:
// the sums of p·Y, p, p², Y. Single precision within 256 pixels, double beyond.
void sk_region_sums(
    sk_pool *pool, double *sums, const float *logits, const uint8_t *labels,
    struct sk_regions regions, double *partial);

// dz of a loss with the derivatives `slopes` (regions, classes, 4) by the sums, or dz += that.
// dz may equal logits when not accumulating.
void sk_region_sums_gradient(
    sk_pool *pool, float *dz, const float *logits, const uint8_t *labels, const double *slopes,
    struct sk_regions regions, int32_t accumulate);

#endif
