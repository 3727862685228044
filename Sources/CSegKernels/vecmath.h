// Exponential, logarithm and sums over 16 lanes. Include it in part 2 of a kernel file (see variants.h):
//
//   #else
//   #include "vecmath.h"
//   static void SK_NAME(softmax_chunk)(...) { v16 e = SK_NAME(exp16)(x); ... }
//
// What it offers, each once per vector variant, with the same bits in all of them:
//
//   v16   exp16(v16 x)                      e^x. At most 2 ulp (of the nearest float, denormals
//                                           included); 0 below -104, infinity above 88.8, NaN stays.
//   v16   exp16_below(v16 x)                the same for x <= 0 in two thirds of the time; 0 below -87.
//   v16   log16(v16 x)                      ln x. At most 2 ulp for positive x, denormals included;
//                                           -infinity for 0, NaN below 0, infinity and NaN stay.
//   v16   splat16(float x)                  x in every lane.
//   v16   load16(const float *p)            16 floats, any alignment. store16 likewise.
//   void  stream16(float *p, v16 x)         past the caches (streaming.h), to a whole line.
//   v16   loaded16(const float *p)          as load16, never merged with a later selection into a load under
//                                           a mask, which would wait for the mask (5 times slower from memory).
//   v16   load16_part(p, count, fill)       the first `count` < 16 floats, `fill` in the other lanes.
//   void  store16_part(p, x, count)         only the first `count` lanes.
//   v16   select16(v16i mask, v16 a, v16 b) a where the lane's mask is -1, b where it is 0.
//   v16   max16(v16 a, v16 b)               lane by lane; a where either is NaN.
//   float sum_lanes(v16 x), max_lanes(v16 x)  over the lanes, as a balanced tree.
//
// Only plain multiplications and additions: nothing depends on fused multiply-add.
#include <string.h>

SK_INLINE v16 SK_NAME(splat16)(float x) {
  return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

SK_INLINE v16 SK_NAME(load16)(const float *p) { return *(const v16 *)(const void *)p; }

SK_INLINE v16 SK_NAME(loaded16)(const float *p) {
  v16 x = SK_NAME(load16)(p);
#if SK_VARIANT == 2
  __asm__("" : "+v"(x));
#endif
  return x;
}

SK_INLINE void SK_NAME(store16)(float *p, v16 x) { *(v16 *)(void *)p = x; }
SK_INLINE void SK_NAME(stream16)(float *p, v16 x) { __builtin_nontemporal_store((line16)x, (line16 *)(void *)p); }

SK_INLINE v16 SK_NAME(load16_part)(const float *p, size_t count, float fill) {
  v16 x = SK_NAME(splat16)(fill);
  memcpy(&x, p, count * sizeof *p);
  return x;
}

SK_INLINE void SK_NAME(store16_part)(float *p, v16 x, size_t count) {
  memcpy(p, &x, count * sizeof *p);
}

SK_INLINE v16 SK_NAME(select16)(v16i mask, v16 a, v16 b) {
  return (v16)(((v16i)a & mask) | ((v16i)b & ~mask));
}

SK_INLINE v16 SK_NAME(max16)(v16 a, v16 b) { return SK_NAME(select16)((v16i)(b > a), b, a); }

SK_INLINE float SK_NAME(sum_lanes)(v16 x) {
  x += __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  x += __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  x += __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  return x[0] + x[1];
}

SK_INLINE float SK_NAME(max_lanes)(v16 x) {
  x = SK_NAME(max16)(
      x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  x = SK_NAME(max16)(
      x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  x = SK_NAME(max16)(
      x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return x[1] > x[0] ? x[1] : x[0];
}

// e^x = 2^n · e^r with n = round(x / ln 2), so |r| <= ln 2 / 2. The polynomial is our own minimax fit of
// (e^r - 1 - r) / r² (relative error 3e-9 in e^r); ln 2 is split so that n times its first part is exact.
// Returns e^r; the low bits of `shifted` are n.
SK_INLINE v16 SK_NAME(exp16_reduced)(v16 x, v16 *shifted) {
  const float round_to_integer = 0x1.8p23f;
  *shifted = x * 0x1.715476p0f + round_to_integer;
  v16 n = *shifted - round_to_integer;
  v16 r = (x - n * 0x1.63p-1f) + n * 0x1.bd0106p-13f;
  v16 q = r * 0x1.6a2434p-10f + 0x1.1239e2p-7f;
  q = q * r + 0x1.5558f2p-5f;
  q = q * r + 0x1.555492p-3f;
  q = q * r + 0x1.fffffcp-2f;
  return (q * (r * r) + r) + 1.0f;
}

SK_INLINE v16 SK_NAME(exp16)(v16 x) {
  // Comparisons that NaN fails, so that it passes through.
  x = SK_NAME(select16)((v16i)(x < -105.0f), SK_NAME(splat16)(-105.0f), x);
  x = SK_NAME(select16)((v16i)(x > 89.0f), SK_NAME(splat16)(89.0f), x);
  v16 shifted, e = SK_NAME(exp16_reduced)(x, &shifted);
  // 2^n in two steps: n reaches from -151 to 128, and only the last multiplication may round.
  v16i exponent = (v16i)shifted - 0x4b400000;
  v16i half = exponent >> 1;
  e *= (v16)((half + 127) << 23);
  return e * (v16)((exponent - half + 127) << 23);
}

SK_INLINE v16 SK_NAME(exp16_below)(v16 x) {
  v16i tiny = (v16i)(x < -87.0f);
  v16 shifted, e = SK_NAME(exp16_reduced)(
                   SK_NAME(select16)(tiny, SK_NAME(splat16)(-87.0f), x), &shifted);
  // n is -126 to 0: 2^n is a normal number.
  e *= (v16)(((v16i)shifted << 23) + 0x3f800000);
  return SK_NAME(select16)(tiny, SK_NAME(splat16)(0), e);
}

// ln x = k · ln 2 + ln m with m in [√½, √2), so that nothing cancels. The polynomial is our own minimax
// fit of (ln(1 + f) - f + f²/2) / f³ (relative error 6e-9 in the logarithm).
SK_INLINE v16 SK_NAME(log16)(v16 x) {
  v16i tiny = (v16i)(x < 0x1p-126f);
  v16i bits = (v16i)SK_NAME(select16)(tiny, x * 0x1p23f, x);
  v16i exponent = (bits - 0x3f3504f3) >> 23;
  v16 f = (v16)(bits - (exponent << 23)) - 1.0f;
  v16 k = __builtin_convertvector(exponent - (tiny & 23), v16);
  v16 q = f * -0x1.38b58p-4f + 0x1.055b6ap-3f;
  q = q * f - 0x1.0d8542p-3f;
  q = q * f + 0x1.22da1cp-3f;
  q = q * f - 0x1.547244p-3f;
  q = q * f + 0x1.99a008p-3f;
  q = q * f - 0x1.000226p-2f;
  q = q * f + 0x1.555554p-2f;
  v16 square = f * f;
  v16 rest = ((q * f) * square - 0.5f * square) - k * 0x1.bd0106p-13f;
  v16 y = (rest + f) + k * 0x1.63p-1f;
  const float infinity = __builtin_inff();
  y = SK_NAME(select16)((v16i)(x == 0.0f), SK_NAME(splat16)(-infinity), y);
  y = SK_NAME(select16)((v16i)(x < 0.0f), SK_NAME(splat16)(__builtin_nanf("")), y);
  y = SK_NAME(select16)((v16i)(x == infinity), x, y);
  return SK_NAME(select16)((v16i)(x != x), x, y);
}
