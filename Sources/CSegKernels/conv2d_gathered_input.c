#include "conv2d_gathered.h"
#include "sk_gathered.h"

// Gradient of the input: input pixels fall into classes reached by the same taps; each class is a product of gathered
// gradients with those taps' weights, turned around.

struct turning {
  const sk_matrix *matrix;
  const float *weight;
  float *packed;  // (panel of c, taps * k, panel width)
  const int32_t *taps;
  size_t tap_count, c, k;
};

// One panel of input channels of one tap.
static void turn_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct turning *turn = context;
  size_t panel = turn->matrix->panel, tap = chunk % turn->tap_count, block = chunk / turn->tap_count;
  size_t first = block * panel, width = smaller(panel, turn->c - first);
  const float *from = turn->weight + ((size_t)turn->taps[tap] * turn->c + first) * turn->k;
  float *to = turn->packed + (block * turn->tap_count + tap) * turn->k * panel;
  for (size_t k = 0; k < turn->k; k++) {
    for (size_t i = 0; i < width; i++) to[k * panel + i] = from[i * turn->k + k];
    for (size_t i = width; i < panel; i++) to[k * panel + i] = 0;
  }
}

static size_t turned_floats(const sk_conv2d *conv) {
  return packed_floats((size_t)conv->r * (size_t)conv->s * (size_t)conv->k, (size_t)conv->c);
}

size_t sk_gathered_input_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  size_t floats = (size_t)workers * sk_gathered_worker_floats(conv->r * conv->s, conv->k, (size_t)conv->c);
  return (turned_floats(conv) + floats) * sizeof(float);
}

size_t sk_gathered_input_sum_tasks(const sk_conv2d *conv) {
  size_t tasks = 0;
  for (int32_t row = 0; row < conv->stride && row < conv->h; row++)
    for (int32_t column = 0; column < conv->stride && column < conv->w; column++) {
      struct input_class class;
      sk_input_class(conv, row, column, &class);
      tasks += sk_gathered_tiles((size_t)conv->n * (size_t)class.rows * (size_t)class.columns);
    }
  return tasks;
}

void sk_gathered_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *dx, const float *dy, const float *weight,
    void *workspace) {
  float *packed = workspace;
  size_t sum_task = 0;
  for (int32_t row = 0; row < conv->stride && row < conv->h; row++)
    for (int32_t column = 0; column < conv->stride && column < conv->w; column++) {
      struct input_class class;
      sk_input_class(conv, row, column, &class);
      struct turning turn = {
          .matrix = sk_matrix_of(sk_pool_isa(pool)), .weight = weight, .packed = packed, .taps = class.weight_taps,
          .tap_count = (size_t)class.tap_count, .c = (size_t)conv->c, .k = (size_t)conv->k};
      sk_parallel_for(pool, turn.tap_count * panels_of(turn.matrix, turn.c), turn_task, &turn);
      struct gathered g = {
          .grid = {.n = conv->n, .rows = class.rows, .columns = class.columns, .step = 1, .source = dy,
                   .source_h = conv->p, .source_w = conv->q, .channels = conv->k, .taps = class.taps,
                   .tap_count = class.tap_count},
          .packed = packed, .columns = turn.tap_count * turn.k, .outputs = turn.c, .out = dx,
          .contiguous = conv->stride == 1, .image_pitch = (size_t)conv->h * (size_t)conv->w,
          .row_pitch = (size_t)conv->w * (size_t)conv->stride, .column_pitch = (size_t)conv->stride,
          .origin = (size_t)row * (size_t)conv->w + (size_t)column, .sum_task = sum_task,
          .workspace = packed + turned_floats(conv),
          .worker_floats = sk_gathered_worker_floats(conv->r * conv->s, conv->k, (size_t)conv->c)};
      sk_gathered_product(pool, &g);
      sum_task = g.sum_task;
    }
}
