// Elementary functions on 16 lanes, included once a variant (after variants.h has set SK_NAME).
//
//   v16 SK_NAME(exp16)(v16 x)   e^x, within 2 units in the last place for -87 <= x <= 88; 0 below -104, infinity
//                               above 88.73; NaN stays NaN
//   v16 SK_NAME(log16)(v16 x)   natural logarithm of positive normal numbers, within 2 units in the last place
//
// Plain products and sums, never contracted, so that every variant gives the same bits. Reduction to
// [-ln 2 / 2, ln 2 / 2] and minimax polynomials as in Cephes (Moshier 1989).

SK_INLINE v16 SK_NAME(select16)(v16i mask, v16 yes, v16 no) {
  return (v16)(((v16i)yes & mask) | ((v16i)no & ~mask));
}

SK_INLINE v16 SK_NAME(exp16)(v16 x) {
  v16i is_nan = x != x;
  v16 clamped = SK_NAME(select16)(x > 89.0f, (v16){} + 89.0f, x);
  clamped = SK_NAME(select16)(clamped < -105.0f, (v16){} - 105.0f, clamped);
  clamped = SK_NAME(select16)(is_nan, (v16){}, clamped);
  // Nearest integer: adding and subtracting 1.5 * 2^23 rounds in the adder.
  v16 n = clamped * 1.44269504088896341f;
  n = (n + 12582912.0f) - 12582912.0f;
  v16 r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
  v16 p = (v16){} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  v16 y = (p * (r * r) + r) + 1.0f;
  // 2^n in two factors, so that results below the normal range come out rounded instead of cut off.
  v16i whole = __builtin_convertvector(n, v16i);
  v16i half = whole >> 1;
  y = y * (v16)((half + 127) << 23) * (v16)((whole - half + 127) << 23);
  return SK_NAME(select16)(is_nan, x, y);
}

SK_INLINE v16 SK_NAME(log16)(v16 x) {
  v16i bits = (v16i)x;
  v16i exponent = ((bits >> 23) & 0xff) - 126;
  v16 m = (v16)((bits & 0x007fffff) | 0x3f000000);  // [0.5, 1)
  v16i small = m < 0.707106781186547524f;
  v16 e = __builtin_convertvector(exponent + small, v16);  // a mask is -1
  m = SK_NAME(select16)(small, m + m, m) - 1.0f;
  v16 z = m * m;
  v16 p = (v16){} + 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  v16 y = m * z * p;
  y = y + e * -2.12194440e-4f;
  y = y - 0.5f * z;
  return m + y + e * 0.693359375f;
}
