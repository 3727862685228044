#ifndef SK_RESIZE_AXIS_H
#define SK_RESIZE_AXIS_H
// Which input pixels an output pixel of a bilinear resize lies between, and how near to each: one axis.
#include <stddef.h>
#include <stdint.h>

// Output index i of an axis is near[i] · x[lower[i]] + far[i] · x[lower[i] + 1]. Where there is no next
// pixel, far is 0.
struct resize_axis {
  uint32_t *lower;
  float *near, *far;
  uint32_t *first;  // (in + 1): the first output index whose lower is at least that input index
};

static inline size_t resize_aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

static inline size_t resize_axis_bytes(size_t in, size_t out) {
  return 3 * resize_aligned(out * 4) + resize_aligned((in + 1) * 4);
}

// Fills the tables at `place`, returns the place after them.
static inline char *make_resize_axis(
    struct resize_axis *axis, char *place, size_t in, size_t out, int32_t align_corners) {
  axis->lower = (uint32_t *)(void *)place;
  axis->near = (float *)(void *)(place += resize_aligned(out * 4));
  axis->far = (float *)(void *)(place += resize_aligned(out * 4));
  axis->first = (uint32_t *)(void *)(place += resize_aligned(out * 4));
  // In float, as PyTorch does: another precision would now and then choose another pixel.
  float scale = (float)in / (float)out;
  if (align_corners) scale = out > 1 ? (float)(in - 1) / (float)(out - 1) : 0;
  size_t next = 0;
  for (size_t i = 0; i < out; i++) {
    // Rounded once, like the fused multiply-add in PyTorch's builds.
    float source = (float)((double)scale * ((double)i + 0.5) - 0.5);
    if (align_corners) source = scale * (float)i;
    if (source < 0) source = 0;
    size_t lower = (size_t)source;
    if (lower > in - 1) lower = in - 1;
    float far = source - (float)lower;
    if (lower == in - 1) far = 0;
    axis->lower[i] = (uint32_t)lower;
    axis->near[i] = 1 - far;
    axis->far[i] = far;
    for (; next <= lower; next++) axis->first[next] = (uint32_t)i;
  }
  for (; next <= in; next++) axis->first[next] = (uint32_t)out;
  return place + resize_aligned((in + 1) * 4);
}

#endif
