#include "sk_conv2d.h"

#include <math.h>

#include "sk_direct.h"
#include "sk_gathered.h"
#include "sk_phases.h"
#include "sk_strips.h"
#include "sk_winograd.h"
#include "streaming.h"

static int32_t is_exact(int32_t algorithm) { return algorithm == SK_WINOGRAD_EXACT; }

size_t sk_conv2d_prepared_floats(const sk_conv2d *conv, int32_t algorithm) {
  switch (algorithm) {
    case SK_DIRECT: return 0;
    case SK_GATHERED:
    case SK_STRIPS: return sk_gathered_weight_floats(conv);
    case SK_PHASES: return sk_phases_weight_floats(conv);
    default: return sk_winograd_weight_floats(conv, is_exact(algorithm));
  }
}

void sk_conv2d_prepare(sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const float *weight, float *prepared) {
  if (algorithm == SK_GATHERED || algorithm == SK_STRIPS) sk_gathered_weights(pool, conv, weight, prepared);
  if (algorithm == SK_PHASES) sk_phases_weights(pool, conv, weight, prepared);
  if (algorithm >= SK_WINOGRAD) sk_winograd_weights(pool, conv, is_exact(algorithm), weight, prepared);
}

size_t sk_conv2d_forward_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t prepared, int32_t workers) {
  switch (algorithm) {
    case SK_DIRECT: return sk_direct_forward_bytes(conv, workers);
    case SK_GATHERED: return sk_gathered_forward_bytes(conv, prepared, workers);
    case SK_STRIPS: return sk_strips_forward_bytes(conv, prepared, workers);
    case SK_PHASES: return sk_phases_forward_bytes(conv, prepared, workers);
    default: return sk_winograd_forward_bytes(conv, is_exact(algorithm), prepared, workers);
  }
}

size_t sk_conv2d_input_gradient_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t workers) {
  switch (algorithm) {
    case SK_DIRECT: return sk_direct_input_gradient_bytes(conv, workers);
    case SK_GATHERED: return sk_gathered_input_gradient_bytes(conv, workers);
    default: return sk_winograd_input_gradient_bytes(conv, is_exact(algorithm), workers);
  }
}

size_t sk_conv2d_weight_gradient_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t workers) {
  switch (algorithm) {
    case SK_DIRECT: return sk_direct_weight_gradient_bytes(conv, workers);
    case SK_GATHERED: return sk_gathered_weight_gradient_bytes(conv, workers);
    case SK_STRIPS: return sk_strips_weight_gradient_bytes(conv, workers);
    case SK_PHASES: return sk_phases_weight_gradient_bytes(conv, workers);
    default: return sk_winograd_weight_gradient_bytes(conv, is_exact(algorithm), workers);
  }
}

size_t sk_conv2d_sum_tasks(const sk_conv2d *conv, int32_t algorithm) {
  switch (algorithm) {
    case SK_GATHERED: return sk_gathered_sum_tasks(conv);
    case SK_STRIPS: return sk_strips_sum_tasks(conv);
    case SK_PHASES: return sk_phases_sum_tasks(conv);
    default: return sk_winograd_sum_tasks(conv, is_exact(algorithm));
  }
}

size_t sk_conv2d_input_sum_tasks(const sk_conv2d *conv, int32_t algorithm) {
  return algorithm == SK_GATHERED ? sk_gathered_input_sum_tasks(conv)
                                  : sk_winograd_input_sum_tasks(conv, is_exact(algorithm));
}

// `y` as it is to be written, of so many pixels.
static sk_conv2d_output output_of(const sk_conv2d_output *y, size_t pixels, size_t channels) {
  sk_conv2d_output output = *y;
  output.streams = !y->accumulate && y->residual != y->y && sk_streams(y->y, pixels, channels);
  return output;
}

void sk_conv2d_forward(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const sk_conv2d_output *y, const sk_conv2d_input *x,
    const float *weight, const float *prepared, void *workspace) {
  const sk_conv2d_output out = output_of(y, (size_t)conv->n * (size_t)conv->p * (size_t)conv->q, (size_t)conv->k);
  switch (algorithm) {
    case SK_DIRECT: sk_direct_forward(pool, conv, y->y, x->x, weight, y->bias, workspace); break;
    case SK_GATHERED: sk_gathered_forward(pool, conv, &out, x, weight, prepared, workspace); break;
    case SK_STRIPS: sk_strips_forward(pool, conv, &out, x, weight, prepared, workspace); break;
    case SK_PHASES: sk_phases_forward(pool, conv, &out, x, weight, prepared, workspace); break;
    default: sk_winograd_forward(pool, conv, is_exact(algorithm), &out, x, weight, prepared, workspace);
  }
}

void sk_conv2d_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace) {
  const sk_conv2d_output out = output_of(dx, (size_t)conv->n * (size_t)conv->h * (size_t)conv->w, (size_t)conv->c);
  switch (algorithm) {
    case SK_DIRECT: sk_direct_input_gradient(pool, conv, dx->y, dy, weight, dx->accumulate, workspace); break;
    case SK_GATHERED: sk_gathered_input_gradient(pool, conv, &out, dy, weight, workspace); break;
    default: sk_winograd_input_gradient(pool, conv, is_exact(algorithm), &out, dy, weight, workspace);
  }
}

void sk_conv2d_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, float *dw, const sk_conv2d_input *x, const float *dy,
    int32_t accumulate, void *workspace) {
  switch (algorithm) {
    case SK_DIRECT: sk_direct_weight_gradient(pool, conv, dw, x->x, dy, accumulate, workspace); break;
    case SK_GATHERED: sk_gathered_weight_gradient(pool, conv, dw, x, dy, accumulate, workspace); break;
    case SK_STRIPS: sk_strips_weight_gradient(pool, conv, dw, x, dy, accumulate, workspace); break;
    case SK_PHASES: sk_phases_weight_gradient(pool, conv, dw, x, dy, accumulate, workspace); break;
    default: sk_winograd_weight_gradient(pool, conv, is_exact(algorithm), dw, x, dy, accumulate, workspace);
  }
}

// MARK: Sums

enum { CHANNELS = 64 };

struct totals {
  const double *partial;
  size_t tasks, channels, count;
  double epsilon;
  float *mean, *variance, *inverse_std;
  const float *scale;
  float *dgamma, *dbeta;
  int32_t accumulate_dgamma, accumulate_dbeta;
};

static void add_tasks(const struct totals *totals, size_t channel, double *first, double *second) {
  *first = *second = 0;
  for (size_t task = 0; task < totals->tasks; task++) {
    const double *sums = totals->partial + 2 * task * totals->channels;
    *first += sums[channel];
    *second += sums[totals->channels + channel];
  }
}

static size_t end_of(const struct totals *totals, size_t chunk) {
  size_t end = (chunk + 1) * CHANNELS;
  return end < totals->channels ? end : totals->channels;
}

static void moments_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct totals *totals = context;
  for (size_t c = chunk * CHANNELS; c < end_of(totals, chunk); c++) {
    double sum, squares, count = (double)totals->count;
    add_tasks(totals, c, &sum, &squares);
    double mean = sum / count, variance = squares / count - mean * mean;
    if (variance < 0) variance = 0;
    totals->mean[c] = (float)mean;
    totals->variance[c] = (float)variance;
    totals->inverse_std[c] = (float)(1 / sqrt(variance + totals->epsilon));
  }
}

void sk_conv2d_moments(
    sk_pool *pool, const double *partial, size_t tasks, size_t channels, size_t count, double epsilon, float *mean,
    float *variance, float *inverse_std) {
  struct totals totals = {
      .partial = partial, .tasks = tasks, .channels = channels, .count = count, .epsilon = epsilon, .mean = mean,
      .variance = variance, .inverse_std = inverse_std};
  sk_parallel_for(pool, (channels + CHANNELS - 1) / CHANNELS, moments_task, &totals);
}

static void gradient_task(void *context, size_t chunk, int32_t worker) {
  (void)worker;
  const struct totals *totals = context;
  for (size_t c = chunk * CHANNELS; c < end_of(totals, chunk); c++) {
    double sum, products;
    add_tasks(totals, c, &sum, &products);
    float dgamma = (float)(products * totals->scale[c]), dbeta = (float)sum;
    totals->dgamma[c] = totals->accumulate_dgamma ? totals->dgamma[c] + dgamma : dgamma;
    totals->dbeta[c] = totals->accumulate_dbeta ? totals->dbeta[c] + dbeta : dbeta;
  }
}

void sk_conv2d_gradient_sums(
    sk_pool *pool, const double *partial, size_t tasks, size_t channels, const float *inverse_std, float *dgamma,
    int32_t accumulate_dgamma, float *dbeta, int32_t accumulate_dbeta) {
  struct totals totals = {
      .partial = partial, .tasks = tasks, .channels = channels, .scale = inverse_std, .dgamma = dgamma, .dbeta = dbeta,
      .accumulate_dgamma = accumulate_dgamma, .accumulate_dbeta = accumulate_dbeta};
  sk_parallel_for(pool, (channels + CHANNELS - 1) / CHANNELS, gradient_task, &totals);
}
