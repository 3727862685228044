#ifndef SK_RECALL_WEIGHTS_H
#define SK_RECALL_WEIGHTS_H
#include "sk_pool.h"

size_t sk_recall_weights_bytes(size_t pixels, size_t classes);
// weights[c] from the class's pixels GT and missed pixels FN over valid pixels, the prediction being the lowest index
// of the largest logit. floor 0: FN / GT, 0 for an absent class. floor 1: max(FN, 1) / max(GT, 1).
void sk_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels, size_t pixels,
    size_t classes, int32_t ignore, int32_t floor, void *workspace);

#endif
