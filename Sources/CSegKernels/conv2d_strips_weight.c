#include <string.h>

#include "matrix.h"
#include "sk_strips.h"
#include "strips.h"
#include "weight_parts.h"

// Gradient of the weights: bands of output rows are dealt to parts, each with a sum of its own; a tap row's gradient is
// the strip's matrix, transposed, times the row of output gradients.

enum { MOST_PARTS = 8 };

struct weight_parts {
  struct strips strips;
  size_t parts, tasks;
  const sk_matrix *matrix;
  const struct conv2d_rows *rows;
  const sk_conv2d_input *x;
  const float *dy;
  float *sums, *workspace;
  size_t weight_floats, worker_floats;
};

static size_t weight_floats(const sk_conv2d *conv) {
  return (size_t)conv->r * (size_t)conv->s * (size_t)conv->c * (size_t)conv->k;
}

static size_t part_count(const struct strips *strips) {
  return smaller(MOST_PARTS, (size_t)strips->conv.n * strips->bands);
}

// Gradients of one row of pixels as panels, where its channels do not fill whole panels.
static size_t panel_floats(const sk_conv2d *conv) { return (size_t)conv->q * round_up((size_t)conv->k, WIDEST_PANEL); }

static size_t worker_floats(const struct strips *strips) { return strip_floats(strips) + panel_floats(&strips->conv); }

size_t sk_strips_weight_gradient_bytes(const sk_conv2d *conv, int32_t workers) {
  struct strips strips = sk_strips(conv);
  return (part_count(&strips) * round_up(weight_floats(conv), LINE) + (size_t)workers * worker_floats(&strips)) *
         sizeof(float);
}

static void add_row(
    const struct weight_parts *parts, const float *strip, const float *dy, float *panels, float *sum, int32_t adds) {
  const sk_conv2d *conv = &parts->strips.conv;
  size_t c = (size_t)conv->c, run = (size_t)conv->s * c, k = (size_t)conv->k, pixels = (size_t)conv->q;
  size_t panel = parts->matrix->panel;
  parts->rows->to_panels(panels, panel, dy, k, pixels, k);
  for (size_t r = 0; r < (size_t)conv->r; r++) {
    sk_product q = {
        .m = run, .n = k, .k = pixels, .a = strip + r * parts->strips.pitch, .a_row = (size_t)conv->stride * c,
        .b = panels, .b_row = panel, .b_panel = pixels * panel, .c = sum + r * run * k, .c_row = k, .accumulate = adds};
    parts->matrix->product_at(&q);
  }
}

static void part_task(void *context, size_t part, int32_t worker) {
  const struct weight_parts *parts = context;
  const struct strips *strips = &parts->strips;
  const sk_conv2d *conv = &strips->conv;
  float *strip = parts->workspace + (size_t)worker * parts->worker_floats, *panels = strip + strip_floats(strips);
  float *sum = parts->sums + part * round_up(parts->weight_floats, LINE);
  int32_t adds = 0;
  for (size_t task = parts->tasks * part / parts->parts; task < parts->tasks * (part + 1) / parts->parts; task++) {
    size_t image = task / strips->bands, band = task % strips->bands;
    size_t begin = band_begin(strips, band), end = band_begin(strips, band + 1);
    sk_fill_strip(strips, parts->rows, parts->x, image, begin, end - begin, strip);
    for (size_t row = begin; row < end; row++) {
      const float *dy = parts->dy + (image * (size_t)conv->p + row) * (size_t)conv->q * (size_t)conv->k;
      add_row(parts, strip + (row - begin) * (size_t)conv->stride * strips->pitch, dy, panels, sum, adds);
      adds = 1;
    }
  }
}

void sk_strips_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, float *dw, const sk_conv2d_input *x, const float *dy, int32_t accumulate,
    void *workspace) {
  struct weight_parts parts = {
      .strips = sk_strips(conv), .matrix = sk_matrix_of(sk_pool_isa(pool)), .rows = sk_conv2d_rows(sk_pool_isa(pool)),
      .x = x, .dy = dy, .sums = workspace, .weight_floats = weight_floats(conv)};
  parts.parts = part_count(&parts.strips);
  parts.tasks = (size_t)conv->n * parts.strips.bands;
  parts.workspace = parts.sums + parts.parts * round_up(parts.weight_floats, LINE);
  parts.worker_floats = worker_floats(&parts.strips);
  sk_parallel_for(pool, parts.parts, part_task, &parts);
  sk_add_parts(pool, dw, parts.sums, parts.weight_floats, round_up(parts.weight_floats, LINE), parts.parts, accumulate);
}
