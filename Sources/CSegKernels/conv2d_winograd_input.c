#include "conv2d_winograd.h"
#include "sk_winograd.h"

// Gradient of the input: the forward pass with dy for x and the weights turned around.

static sk_conv2d exchanged(const sk_conv2d *conv) {
  sk_conv2d back = *conv;
  back.c = conv->k, back.k = conv->c;
  return back;
}

size_t sk_winograd_input_sum_tasks(const sk_conv2d *conv, int32_t exact) {
  sk_conv2d back = exchanged(conv);
  return sk_winograd_sum_tasks(&back, exact);
}

size_t sk_winograd_input_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers) {
  sk_conv2d back = exchanged(conv);
  return sk_winograd_forward_bytes(&back, exact, 0, workers);
}

void sk_winograd_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace) {
  sk_conv2d back = exchanged(conv);
  sk_conv2d_input input = {.x = dy};
  struct raw_weights raw = {weight, (size_t)back.c, (size_t)back.k, 1};
  sk_winograd_pass(pool, &back, exact, dx, &input, raw, NULL, workspace);
}
