#ifndef SK_PIXEL_FACTORS_H
#define SK_PIXEL_FACTORS_H
// What each label byte stands for in kernels over maps of pixel losses: its class weight, or -1 where it is no class
// or the ignored one (the masking rule of pixel_block.h). Weights are 0 or more.
#include <stddef.h>
#include <stdint.h>

static inline void pixel_factors(
    float factors[256], const float *weights, size_t classes, int32_t ignore) {
  for (size_t label = 0; label < 256; label++)
    factors[label] = label < classes && (int32_t)label != ignore ? weights[label] : -1;
}

#endif

#ifdef SK_VARIANT
// Include it again in part 2, after vecmath.h:
//
//   v16 load_factors(const float factors[256], const uint8_t *labels, count)   of 16 pixels, -1 from `count` on

SK_INLINE v16 SK_NAME(load_factors)(
    const float *factors, const uint8_t *labels, size_t count) {
  v16 result = SK_NAME(splat16)(-1);
  if (count >= 16)
    for (size_t lane = 0; lane < 16; lane++) result[lane] = factors[labels[lane]];
  else
    for (size_t lane = 0; lane < count; lane++) result[lane] = factors[labels[lane]];
  return result;
}
#endif
