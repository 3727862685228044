// The focal weight of 16 pixels. Include it in part 2 of a kernel file, after vecmath.h.
//
//   v16 focal_weight(v16 x, float gamma)    (1 - e^-x)^gamma of cross entropies x >= 0; gamma >= 0

SK_INLINE v16 SK_NAME(focal_weight)(v16 x, float gamma) {
  if (gamma == 0) return SK_NAME(splat16)(1);
  v16 miss = 1.0f - SK_NAME(exp16_below)(-x);
  if (gamma == 1) return miss;
  if (gamma == 2) return miss * miss;
  return SK_NAME(exp16)(gamma * SK_NAME(log16)(miss));
}
