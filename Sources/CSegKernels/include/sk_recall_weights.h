#ifndef SK_RECALL_WEIGHTS_H
#define SK_RECALL_WEIGHTS_H
// How badly each class is recalled in a batch, or how imprecise its predictions are. Logits are (pixels, classes), labels (pixels).
#include "sk_pool.h"

// Bytes of `counts` below.
size_t sk_recall_weights_bytes(size_t pixels, size_t classes);

// Over pixels whose label is a class and not `ignore`: GT = pixels of the class, FN = those of them
// whose largest logit (the first of equals) is another class's.
// weights = FN / GT, 0 where GT is 0; with `floor` max(FN, 1) / max(GT, 1).
// `by_prediction`: the same of precision, with pixels predicted as the class in place of GT and those of them
// that belong to another in place of FN.
void sk_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, int32_t floor, int32_t by_prediction, uint32_t *counts);

#endif
