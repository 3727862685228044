#ifndef SK_CONV2D_H
#define SK_CONV2D_H
// Convolution, by any of several algorithms.
#include "sk_pool.h"

// x is (n, h, w, c), y is (n, p, q, k), weights are (r, s, c, k); stride, padding and dilation hold for both axes.
typedef struct {
  int32_t n, h, w, c;
  int32_t p, q, k;
  int32_t r, s;
  int32_t stride, padding, dilation;
} sk_conv2d;

// Normalisation and rectification of an activation: max(0, (x - mean) * scale + shift), per channel.
typedef struct {
  const float *mean, *scale, *shift;
} sk_activation;

// The input of a convolution as it is read: x itself, or (`activation.scale` not NULL) its activation, which then is
// never stored. Padding is 0 either way.
typedef struct {
  const float *x;
  sk_activation activation;
} sk_conv2d_input;

// What is summed over all pixels of an output while it is written, in double, two sums a channel.
enum {
  SK_NO_SUMS,
  SK_MOMENTS,  // of y and of y²
  // y is the gradient of an activation of z, or of something that z's normalisation was added to (`activated`): it
  // becomes 0 where that is, and the sums are of y and of y * (z - mean).
  SK_GRADIENT_SUMS
};

// The output of a convolution as it is written.
typedef struct {
  float *y;
  int32_t accumulate;     // y += instead of y =
  const float *bias;      // one a channel, or NULL
  const float *residual;  // shaped as y, added, or NULL
  int32_t rectify;        // negative values become 0
  int32_t sums;
  double *partial;  // (tasks, 2, channels): the sums of each task, to be added in order
  const float *z;
  sk_activation activation;  // of z; with `activated` only its mean is needed
  const float *activated;    // shaped as y, or NULL: the activation of z itself
  int32_t streams;           // set by the functions below: y is written past the caches (streaming.h)
} sk_conv2d_output;

// How a pass is computed.
enum {
  SK_DIRECT,          // gathered pixels times weights, by OpenBLAS; nothing fused but a bias (sk_direct.h)
  SK_GATHERED,        // the same on our own kernels (sk_gathered.h)
  SK_STRIPS,          // on strips of rows, without gathering (sk_strips.h); not for gradients of inputs
  SK_PHASES,          // Winograd on the phases of a wide strided kernel (sk_phases.h); not for gradients of inputs
  SK_WINOGRAD,        // sk_winograd.h, sub-grids padded to fours or fives
  SK_WINOGRAD_EXACT,  // the same, sub-grids cut to their length
  SK_ALGORITHMS
};

// Weights as an algorithm wants them, for passes that run more often than the weights change: floats (0: as they are)
// and how to make them; `prepared` is aligned to 64 bytes.
size_t sk_conv2d_prepared_floats(const sk_conv2d *conv, int32_t algorithm);
void sk_conv2d_prepare(sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const float *weight, float *prepared);

// Scratch bytes for each pass; `prepared`: whether weights come prepared.
size_t sk_conv2d_forward_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t prepared, int32_t workers);
size_t sk_conv2d_input_gradient_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t workers);
size_t sk_conv2d_weight_gradient_bytes(const sk_conv2d *conv, int32_t algorithm, int32_t workers);

// y = conv(x, weight), finished as `y` says. `weight` is NULL where `prepared` is given, and the other way round.
void sk_conv2d_forward(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const sk_conv2d_output *y, const sk_conv2d_input *x,
    const float *weight, const float *prepared, void *workspace);
// The gradient of x, finished as `dx` says.
void sk_conv2d_input_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, const sk_conv2d_output *dx, const float *dy,
    const float *weight, void *workspace);
// dw = gradient of the weights, or dw += that; pixels are summed in a fixed order.
void sk_conv2d_weight_gradient(
    sk_pool *pool, const sk_conv2d *conv, int32_t algorithm, float *dw, const sk_conv2d_input *x, const float *dy,
    int32_t accumulate, void *workspace);

// Tasks that leave sums in `sk_conv2d_output.partial`, in the forward pass and the gradient of the input.
size_t sk_conv2d_sum_tasks(const sk_conv2d *conv, int32_t algorithm);
size_t sk_conv2d_input_sum_tasks(const sk_conv2d *conv, int32_t algorithm);

// Moments of `count` pixels from the tasks' sums: mean, variance (divided by count) and 1 / sqrt(variance + epsilon).
void sk_conv2d_moments(
    sk_pool *pool, const double *partial, size_t tasks, size_t channels, size_t count, double epsilon, float *mean,
    float *variance, float *inverse_std);
// dbeta (+)= the first sums, dgamma (+)= the second times inverse_std.
void sk_conv2d_gradient_sums(
    sk_pool *pool, const double *partial, size_t tasks, size_t channels, const float *inverse_std, float *dgamma,
    int32_t accumulate_dgamma, float *dbeta, int32_t accumulate_dbeta);

#endif
