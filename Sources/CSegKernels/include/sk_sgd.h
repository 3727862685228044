#ifndef SK_SGD_H
#define SK_SGD_H
// One step of stochastic gradient descent over a flat range of parameters.
#include "sk_pool.h"

// g += weight_decay * theta; buffer = momentum * buffer + g; theta -= learning_rate * buffer.
// `buffer` starts as zeros; NULL (momentum 0) steps along g.
void sk_sgd(
    sk_pool *pool, float *theta, const float *g, float *buffer, size_t n, float learning_rate,
    float momentum, float weight_decay);

#endif
