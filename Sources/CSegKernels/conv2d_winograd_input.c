#include "conv2d_rows.h"
#include "sk_winograd.h"
#include "winograd_blocks.h"

// Gradient of the input: the forward pass with dy for x and the weights turned around.

static sk_conv2d exchanged(const sk_conv2d *conv) {
  sk_conv2d back = *conv;
  back.c = conv->k, back.k = conv->c;
  return back;
}

static size_t turned_floats(const sk_conv2d *conv) { return round_up(9 * (size_t)conv->c * (size_t)conv->k, LINE); }

size_t sk_winograd_input_sum_tasks(const sk_conv2d *conv, int32_t exact) {
  sk_conv2d back = exchanged(conv);
  return sk_winograd_sum_tasks(&back, exact);
}

size_t sk_winograd_input_gradient_bytes(const sk_conv2d *conv, int32_t exact, int32_t workers) {
  sk_conv2d back = exchanged(conv);
  return turned_floats(conv) * sizeof(float) + sk_winograd_forward_bytes(&back, exact, 0, workers);
}

struct turn {
  const struct conv2d_rows *rows;
  const float *weight;
  float *out;
  size_t c, k;
};

// 16 input channels of one tap: (tap, c, k) to (8 - tap, k, c).
static void turn_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct turn *turn = context;
  size_t c = turn->c, k = turn->k, blocks = c / LINE, tap = chunk / blocks, first = chunk % blocks * LINE;
  turn->rows->transpose(
      turn->out + (8 - tap) * c * k + first, c, turn->weight + (tap * c + first) * k, k, LINE, k);
}

void sk_winograd_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t exact, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace) {
  float *turned = (float *)workspace, *rest = turned + turned_floats(conv);
  struct turn turn = {sk_conv2d_rows(sk_pool_isa(pool)), weight, turned, (size_t)conv->c, (size_t)conv->k};
  sk_parallel_for(pool, 9 * turn.c / LINE, turn_task, &turn);
  sk_conv2d back = exchanged(conv);
  sk_conv2d_input input = {.x = dy};
  sk_winograd_forward(pool, &back, exact, dx, &input, turned, NULL, rest);
}
