#ifndef SK_RESIZED_RECALL_WEIGHTS_H
#define SK_RESIZED_RECALL_WEIGHTS_H
// How badly each class is recalled by bilinearly resized logits, which are never stored.
#include "sk_recall_weights.h"
#include "sk_resize_bilinear.h"

// Bytes of `workspace` below.
size_t sk_resized_recall_weights_workspace(struct sk_resize_shape shape);

// sk_recall_weights of sk_resize_bilinear's output: logits are (n, h, w, c), labels (n, p, q), 2 to 256
// channels.
void sk_resized_recall_weights(
    sk_pool *pool, float *weights, const float *logits, const uint8_t *labels,
    struct sk_resize_shape shape, int32_t ignore, int32_t floor, int32_t by_prediction,
    void *workspace);

#endif
