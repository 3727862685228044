#include <string.h>

#include "matrix.h"
#include "sk_gathered.h"
#include "sk_strips.h"
#include "strips.h"

// Forward pass: a task is a band of output rows.

enum { OUTPUTS = 512, MOST_SEGMENTED = 256 };

struct forward {
  struct strips strips;
  const sk_matrix *matrix;
  const struct conv2d_rows *rows;
  const sk_conv2d_input *x;
  const sk_conv2d_output *y;
  const float *packed;
  float *workspace;
  size_t worker_floats;
};

int32_t sk_strips_fits(const sk_conv2d *conv) { return conv->dilation == 1 && conv->r * conv->s > 1; }

size_t sk_strips_sum_tasks(const sk_conv2d *conv) { return (size_t)conv->n * sk_strips(conv).bands; }

static size_t buffer_pitch(size_t outputs) { return round_up(smaller(outputs, OUTPUTS), LINE) + LINE; }

static size_t worker_floats(const struct strips *strips) {
  return strip_floats(strips) + (size_t)strips->conv.q * buffer_pitch((size_t)strips->conv.k);
}

size_t sk_strips_forward_bytes(const sk_conv2d *conv, int32_t prepared, int32_t workers) {
  struct strips strips = sk_strips(conv);
  size_t weights = prepared ? 0 : sk_gathered_weight_floats(conv);
  return (weights + (size_t)workers * worker_floats(&strips)) * sizeof(float);
}

// Outputs [first, first + width) of one row of pixels whose strip begins at `strip`.
static void multiply_row(
    const struct forward *forward, const float *strip, size_t first, size_t width, float *sums, size_t pitch,
    int32_t adds) {
  const sk_conv2d *conv = &forward->strips.conv;
  size_t c = (size_t)conv->c, run = (size_t)conv->s * c, rows = (size_t)conv->r, all = rows * run;
  size_t panel = forward->matrix->panel;
  sk_product q = {
      .m = (size_t)conv->q, .n = width, .k = run, .a = strip, .a_row = (size_t)conv->stride * c,
      .b = forward->packed + first * all, .b_row = panel, .b_panel = all * panel, .c = sums, .c_row = pitch,
      .accumulate = adds, .segments = rows, .a_segment = forward->strips.pitch};
  if (all <= MOST_SEGMENTED) {
    forward->matrix->product(&q);
    return;
  }
  q.segments = 1;
  for (size_t r = 0; r < rows; r++) {
    forward->matrix->product(&q);
    q.a += forward->strips.pitch, q.b += run * panel, q.accumulate = 1;
  }
}

static void band_task(void *context, size_t chunk, int32_t worker) {
  const struct forward *forward = context;
  const struct strips *strips = &forward->strips;
  const sk_conv2d *conv = &strips->conv;
  const sk_conv2d_output *y = forward->y;
  size_t image = chunk / strips->bands, band = chunk % strips->bands;
  size_t begin = band_begin(strips, band), end = band_begin(strips, band + 1);
  size_t outputs = (size_t)conv->k, width_q = (size_t)conv->q;
  float *strip = forward->workspace + (size_t)worker * forward->worker_floats, *buffer = strip + strip_floats(strips);
  double *totals = NULL;
  if (y->sums != SK_NO_SUMS) {
    totals = y->partial + chunk * 2 * outputs;
    memset(totals, 0, 2 * outputs * sizeof *totals);
  }
  int32_t straight = !y->bias && !y->residual && !y->rectify && y->sums == SK_NO_SUMS;
  sk_fill_strip(strips, forward->rows, forward->x, image, begin, end - begin, strip);
  for (size_t row = begin; row < end; row++) {
    const float *top = strip + (row - begin) * (size_t)conv->stride * strips->pitch;
    size_t pixel = (image * (size_t)conv->p + row) * width_q;
    for (size_t first = 0; first < outputs; first += OUTPUTS) {
      size_t width = smaller(OUTPUTS, outputs - first);
      if (straight) {
        multiply_row(forward, top, first, width, y->y + pixel * outputs + first, outputs, y->accumulate);
        continue;
      }
      multiply_row(forward, top, first, width, buffer, buffer_pitch(outputs), 0);
      forward->rows->finish(y, buffer, buffer_pitch(outputs), pixel, width_q, first, width, outputs, totals);
    }
  }
}

void sk_strips_forward(
    sk_pool *pool, const sk_conv2d *conv, const sk_conv2d_output *y, const sk_conv2d_input *x, const float *weight,
    const float *packed, void *workspace) {
  float *scratch = workspace;
  if (!packed) {
    sk_gathered_weights(pool, conv, weight, scratch);
    packed = scratch;
    scratch += sk_gathered_weight_floats(conv);
  }
  struct forward forward = {
      .strips = sk_strips(conv), .matrix = sk_matrix_of(sk_pool_isa(pool)), .rows = sk_conv2d_rows(sk_pool_isa(pool)),
      .x = x, .y = y, .packed = packed, .workspace = scratch};
  forward.worker_floats = worker_floats(&forward.strips);
  sk_parallel_for(pool, (size_t)conv->n * forward.strips.bands, band_task, &forward);
}
