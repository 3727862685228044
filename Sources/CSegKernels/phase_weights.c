#include "phases.h"

// Weights of phases: tap t of a kernel is tap t / 2 of the phase t % 2. They are few, so plain loops transform them.

enum { OUTPUTS = 64 };  // at once

// Row i: what the taps of a phase add to product i. The points are those of five (winograd_1d.h), ±p as even and odd parts:
// 1, p, p² and p³ over 2p (p² - q²) (p² - r²), q and r being the other two; infinity takes the last tap.
static void fill_matrix(float matrix[WINDOW][PHASE_TAPS]) {
  static const double points[] = {0.25, 0.86602540378443864676, 1.75};
  for (int i = 0; i < 3; i++) {
    double p = points[i], q = points[(i + 1) % 3], r = points[(i + 2) % 3];
    double power = 1 / (2 * p * (p * p - q * q) * (p * p - r * r));
    for (int tap = 0; tap < PHASE_TAPS; tap++, power *= p) {
      matrix[2 * i][tap] = (float)power;
      matrix[2 * i + 1][tap] = (float)(tap % 2 ? -power : power);
    }
  }
  for (int tap = 0; tap < PHASE_TAPS; tap++) matrix[WINDOW - 1][tap] = tap == PHASE_TAPS - 1;
}

struct weights {
  const struct phases *phases;
  float matrix[WINDOW][PHASE_TAPS];
  const float *from;
  float *to;
  size_t panel, u_product;
  int32_t accumulate;
};

// Where a phase's tap (a, b) of a channel lies in (r, s, c, k) weights, or -1 beyond the kernel.
static ptrdiff_t place_of(const struct phases *phases, size_t channel, size_t a, size_t b) {
  const sk_conv2d *conv = &phases->conv;
  size_t c = (size_t)conv->c, r = 2 * a + channel / (2 * c), s = 2 * b + channel / c % 2;
  if (r >= (size_t)conv->r || s >= (size_t)conv->s) return -1;
  return (ptrdiff_t)(((r * (size_t)conv->s + s) * c + channel % c) * (size_t)conv->k);
}

// All products of one channel.
static void weight_task(void *context, size_t channel, int32_t worker) {
  (void)worker;
  const struct weights *w = context;
  const struct phases *phases = w->phases;
  const size_t k = (size_t)phases->conv.k;
  for (size_t output = 0; output < round_up(k, w->panel); output++) {
    float half[WINDOW][PHASE_TAPS] = {0};
    for (size_t a = 0; a < PHASE_TAPS; a++)
      for (size_t b = 0; b < PHASE_TAPS; b++) {
        ptrdiff_t place = place_of(phases, channel, a, b);
        float tap = place < 0 || output >= k ? 0 : w->from[place + (ptrdiff_t)output];
        for (size_t i = 0; i < WINDOW; i++) half[i][b] += w->matrix[i][a] * tap;
      }
    float *to = w->to + output / w->panel * w->panel * phases->channels + channel * w->panel + output % w->panel;
    for (size_t i = 0; i < WINDOW; i++)
      for (size_t j = 0; j < WINDOW; j++) {
        float sum = 0;
        for (size_t b = 0; b < PHASE_TAPS; b++) sum += w->matrix[j][b] * half[i][b];
        to[(i * WINDOW + j) * w->u_product] = sum;
      }
  }
}

void sk_phase_weights(
    sk_pool *pool, const struct phases *phases, const float *weight, size_t panel, float *u, size_t u_product) {
  struct weights weights = {.phases = phases, .from = weight, .to = u, .panel = panel, .u_product = u_product};
  fill_matrix(weights.matrix);
  sk_parallel_for(pool, phases->channels, weight_task, &weights);
}

// All taps of one channel.
static void tap_task(void *context, size_t channel, int32_t worker) {
  (void)worker;
  const struct weights *w = context;
  const struct phases *phases = w->phases;
  const size_t k = (size_t)phases->conv.k;
  for (size_t first = 0; first < k; first += OUTPUTS) {
    const size_t outputs = smaller(OUTPUTS, k - first);
    for (size_t a = 0; a < PHASE_TAPS; a++) {
      float half[WINDOW][OUTPUTS] = {0};
      for (size_t j = 0; j < WINDOW; j++)
        for (size_t i = 0; i < WINDOW; i++) {
          const float *from = w->from + (i * WINDOW + j) * w->u_product + channel * k + first;
          for (size_t o = 0; o < outputs; o++) half[j][o] += w->matrix[i][a] * from[o];
        }
      for (size_t b = 0; b < PHASE_TAPS; b++) {
        ptrdiff_t place = place_of(phases, channel, a, b);
        if (place < 0) continue;
        float *to = w->to + place + first;
        for (size_t o = 0; o < outputs; o++) {
          float sum = w->accumulate ? to[o] : 0;
          for (size_t j = 0; j < WINDOW; j++) sum += w->matrix[j][b] * half[j][o];
          to[o] = sum;
        }
      }
    }
  }
}

void sk_phase_taps(
    sk_pool *pool, const struct phases *phases, const float *u, size_t u_product, float *dw, int32_t accumulate) {
  struct weights weights = {
      .phases = phases, .from = u, .to = dw, .u_product = u_product, .accumulate = accumulate};
  fill_matrix(weights.matrix);
  sk_parallel_for(pool, phases->channels, tap_task, &weights);
}
