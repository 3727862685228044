// The one-dimensional transforms of each kind of segment, once a vector variant. With y the m outputs, x the m + 2
// inputs and g the three taps: y = outputs((weights g) * (inputs x)). The gradient of the taps uses the transposes:
// dg = weights_transposed((spread dy) * (inputs x)).
//
// Toom-Cook with points p_i: row i of `inputs` holds the coefficients of the product of (x - p_j) over the other points,
// row i of `weights` (1, p_i, p_i²) over the product of the p_i - p_j, column i of `outputs` the powers of p_i. Points in
// pairs ±p share their even and odd parts.
#undef ROOT2
#undef HALF_ROOT2
#undef HALF_ROOT3
#define ROOT2 1.41421356237309504880f
#define HALF_ROOT2 0.70710678118654752440f
#define HALF_ROOT3 0.86602540378443864676f
// One over 2p (p² - q²)(p² - r²), for each pair ±p of `five`, whose other two are q and r. The denominator of -p has the
// other sign, and so has its row of `inputs`.
#undef FIVE_1
#undef FIVE_2
#undef FIVE_3
#define FIVE_1 (1 / 1.03125f)
#define FIVE_2 (1 / (-3.1796875f * HALF_ROOT3))
#define FIVE_3 (1 / 24.28125f)

// x has m + 2 entries, v as many as there are products.
SK_INLINE void SK_NAME(inputs_1d)(int32_t kind, const vec *x, size_t xs, vec *v, size_t vs) {
#undef X
#define X(i) x[(i) * xs]
  switch (kind) {
    case SINGLE: v[0] = X(1); break;
    case PAIR:
      v[0] = X(1) + X(2), v[vs] = X(2), v[2 * vs] = X(1);
      break;
    case THREE: {
      vec cubic = fused(splat(-0.5625f), X(1), X(3));  // x (x² - 9/16)
      vec even = fused(splat(-2), X(2), X(3)), odd = splat(0.75f) * fused(splat(-2), X(1), X(2));
      v[0] = fused(splat(-2), fused(splat(-0.5625f), X(0), X(2)), cubic);
      v[vs] = even + odd, v[2 * vs] = even - odd;
      v[3 * vs] = cubic;
      v[4 * vs] = fused(splat(-2), cubic, fused(splat(-0.5625f), X(2), X(4)));
      break;
    }
    case FOUR: {
      vec even1 = fused(splat(-2), X(2), X(4)), odd1 = splat(HALF_ROOT2) * fused(splat(-2), X(1), X(3));
      vec even2 = fused(splat(-0.5f), X(2), X(4)), odd2 = splat(ROOT2) * fused(splat(-0.5f), X(1), X(3));
      v[0] = fused(splat(-2.5f), X(2), X(0) + X(4));
      v[vs] = even1 + odd1, v[2 * vs] = even1 - odd1;
      v[3 * vs] = even2 + odd2, v[4 * vs] = even2 - odd2;
      v[5 * vs] = fused(splat(-2.5f), X(3), X(1) + X(5));
      break;
    }
    case FIVE: {
      // Of the pair ±p: p times (x² - q²)(x² - r²), q and r the other two, plus and minus x times that.
      vec even1 = fused(splat(2.296875f), X(0), fused(splat(-3.8125f), X(2), X(4)));
      vec odd1 = fused(splat(2.296875f), X(1), fused(splat(-3.8125f), X(3), X(5)));
      vec even2 = fused(splat(0.19140625f), X(0), fused(splat(-3.125f), X(2), X(4)));
      vec odd2 = fused(splat(0.19140625f), X(1), fused(splat(-3.125f), X(3), X(5)));
      vec even3 = fused(splat(0.046875f), X(0), fused(splat(-0.8125f), X(2), X(4)));
      vec odd3 = fused(splat(0.046875f), X(1), fused(splat(-0.8125f), X(3), X(5)));
      v[0] = fused(splat(0.25f), even1, odd1), v[vs] = fused(splat(0.25f), even1, -odd1);
      v[2 * vs] = fused(splat(HALF_ROOT3), even2, odd2), v[3 * vs] = fused(splat(HALF_ROOT3), even2, -odd2);
      v[4 * vs] = fused(splat(1.75f), even3, odd3), v[5 * vs] = fused(splat(1.75f), even3, -odd3);
      vec high = fused(splat(-3.875f), X(4), X(6));
      v[6 * vs] = fused(splat(-0.1435546875f), X(0), fused(splat(2.53515625f), X(2), high));
      break;
    }
    case LAST: v[0] = X(0), v[vs] = X(1); break;
  }
}

SK_INLINE void SK_NAME(weights_1d)(int32_t kind, const vec *g, size_t gs, vec *u, size_t us) {
  vec g0 = g[0], g1 = g[gs], g2 = g[2 * gs];
  switch (kind) {
    case SINGLE: u[0] = g1; break;
    case PAIR: u[0] = g1, u[us] = g2 - g1, u[2 * us] = g0 - g1; break;
    case THREE: {
      // Products of differences: of 0, 9/8; of 3/4, -45/32; of -3/4, -99/32; of 2, 55/8.
      vec even = fused(splat(0.5625f), g2, g0), odd = splat(0.75f) * g1;
      u[0] = splat(8.0f / 9) * g0;
      u[us] = splat(-32.0f / 45) * (even + odd), u[2 * us] = splat(-32.0f / 99) * (even - odd);
      u[3 * us] = splat(8.0f / 55) * fused(splat(4), g2, fused(splat(2), g1, g0));
      u[4 * us] = g2;
      break;
    }
    case FOUR: {
      vec even1 = fused(splat(0.5f), g2, g0), odd1 = splat(HALF_ROOT2) * g1;
      vec even2 = fused(splat(2), g2, g0), odd2 = splat(ROOT2) * g1;
      u[0] = g0;
      u[us] = splat(-2.0f / 3) * (even1 + odd1), u[2 * us] = splat(-2.0f / 3) * (even1 - odd1);
      u[3 * us] = splat(1.0f / 6) * (even2 + odd2), u[4 * us] = splat(1.0f / 6) * (even2 - odd2);
      u[5 * us] = g2;
      break;
    }
    case FIVE: {
      vec even1 = fused(splat(0.0625f), g2, g0), odd1 = splat(0.25f) * g1;
      vec even2 = fused(splat(0.75f), g2, g0), odd2 = splat(HALF_ROOT3) * g1;
      vec even3 = fused(splat(3.0625f), g2, g0), odd3 = splat(1.75f) * g1;
      u[0] = splat(FIVE_1) * (even1 + odd1), u[us] = splat(FIVE_1) * (even1 - odd1);
      u[2 * us] = splat(FIVE_2) * (even2 + odd2), u[3 * us] = splat(FIVE_2) * (even2 - odd2);
      u[4 * us] = splat(FIVE_3) * (even3 + odd3), u[5 * us] = splat(FIVE_3) * (even3 - odd3);
      u[6 * us] = g2;
      break;
    }
    case LAST: u[0] = g0, u[us] = g1; break;
  }
}

SK_INLINE void SK_NAME(outputs_1d)(int32_t kind, const vec *m, size_t ms, vec *y, size_t ys) {
#undef M
#define M(i) m[(i) * ms]
  switch (kind) {
    case SINGLE: y[0] = M(0); break;
    case PAIR: y[0] = M(0) + M(1), y[ys] = M(0) + M(2); break;
    case THREE: {
      vec sum = M(1) + M(2), difference = M(1) - M(2);
      y[0] = M(0) + sum + M(3);
      y[ys] = fused(splat(0.75f), difference, splat(2) * M(3));
      y[2 * ys] = fused(splat(0.5625f), sum, fused(splat(4), M(3), M(4)));
      break;
    }
    case FOUR: {
      vec sum1 = M(1) + M(2), difference1 = M(1) - M(2), sum2 = M(3) + M(4), difference2 = M(3) - M(4);
      vec odd1 = splat(HALF_ROOT2) * difference1, odd2 = splat(ROOT2) * difference2;
      y[0] = M(0) + (sum1 + sum2);
      y[ys] = odd1 + odd2;
      y[2 * ys] = fused(splat(0.5f), sum1, splat(2) * sum2);
      y[3 * ys] = fused(splat(0.5f), odd1, fused(splat(2), odd2, M(5)));
      break;
    }
    case FOUR_TAPS:
    case FIVE: {
      vec sum1 = M(0) + M(1), sum2 = M(2) + M(3), sum3 = M(4) + M(5);
      vec odd1 = splat(0.25f) * (M(0) - M(1)), odd2 = splat(HALF_ROOT3) * (M(2) - M(3));
      vec odd3 = splat(1.75f) * (M(4) - M(5));
      y[0] = sum1 + (sum2 + sum3);
      y[ys] = odd1 + (odd2 + odd3);
      y[2 * ys] = fused(splat(0.0625f), sum1, fused(splat(0.75f), sum2, splat(3.0625f) * sum3));
      // Infinity takes the last output.
      const int32_t is_last = kind == FOUR_TAPS;
      vec cubic3 = is_last ? fused(splat(3.0625f), odd3, M(6)) : splat(3.0625f) * odd3;
      y[3 * ys] = fused(splat(0.0625f), odd1, fused(splat(0.75f), odd2, cubic3));
      if (is_last) break;
      vec high = fused(splat(9.37890625f), sum3, M(6));
      y[4 * ys] = fused(splat(0.00390625f), sum1, fused(splat(0.5625f), sum2, high));
      break;
    }
    case LAST: y[0] = M(0) + M(1); break;
  }
}

// The transpose of `outputs`: m gradients to as many values as there are products.
SK_INLINE void SK_NAME(spread_1d)(int32_t kind, const vec *d, size_t ds, vec *z, size_t zs) {
#undef D
#define D(i) d[(i) * ds]
  switch (kind) {
    case SINGLE: z[0] = D(0); break;
    case PAIR: z[0] = D(0) + D(1), z[zs] = D(0), z[2 * zs] = D(1); break;
    case THREE: {
      vec even = fused(splat(0.5625f), D(2), D(0)), odd = splat(0.75f) * D(1);
      z[0] = D(0);
      z[zs] = even + odd, z[2 * zs] = even - odd;
      z[3 * zs] = fused(splat(4), D(2), fused(splat(2), D(1), D(0)));
      z[4 * zs] = D(2);
      break;
    }
    case FOUR: {
      vec even1 = fused(splat(0.5f), D(2), D(0)), odd1 = splat(HALF_ROOT2) * fused(splat(0.5f), D(3), D(1));
      vec even2 = fused(splat(2), D(2), D(0)), odd2 = splat(ROOT2) * fused(splat(2), D(3), D(1));
      z[0] = D(0);
      z[zs] = even1 + odd1, z[2 * zs] = even1 - odd1;
      z[3 * zs] = even2 + odd2, z[4 * zs] = even2 - odd2;
      z[5 * zs] = D(3);
      break;
    }
    case FOUR_TAPS:
    case FIVE: {
      vec even1 = fused(splat(0.0625f), D(2), D(0)), even2 = fused(splat(0.75f), D(2), D(0));
      vec even3 = fused(splat(3.0625f), D(2), D(0));
      if (kind == FIVE) {
        even1 = fused(splat(0.00390625f), D(4), even1), even2 = fused(splat(0.5625f), D(4), even2);
        even3 = fused(splat(9.37890625f), D(4), even3);
      }
      vec odd1 = splat(0.25f) * fused(splat(0.0625f), D(3), D(1));
      vec odd2 = splat(HALF_ROOT3) * fused(splat(0.75f), D(3), D(1));
      vec odd3 = splat(1.75f) * fused(splat(3.0625f), D(3), D(1));
      z[0] = even1 + odd1, z[zs] = even1 - odd1;
      z[2 * zs] = even2 + odd2, z[3 * zs] = even2 - odd2;
      z[4 * zs] = even3 + odd3, z[5 * zs] = even3 - odd3;
      z[6 * zs] = kind == FIVE ? D(4) : D(3);
      break;
    }
    case LAST: z[0] = D(0), z[zs] = D(0); break;
  }
}

// The transpose of `weights`: sums of products to three taps.
SK_INLINE void SK_NAME(weights_transposed_1d)(int32_t kind, const vec *u, size_t us, vec *g, size_t gs) {
#undef U
#define U(i) u[(i) * us]
  switch (kind) {
    case SINGLE: g[0] = splat(0), g[gs] = U(0), g[2 * gs] = splat(0); break;
    case PAIR: g[0] = U(2), g[gs] = U(0) - U(1) - U(2), g[2 * gs] = U(1); break;
    case THREE: {
      vec plus = splat(-32.0f / 45) * U(1), minus = splat(-32.0f / 99) * U(2), two = splat(8.0f / 55) * U(3);
      g[0] = fused(splat(8.0f / 9), U(0), plus + minus) + two;
      g[gs] = fused(splat(0.75f), plus - minus, splat(2) * two);
      g[2 * gs] = fused(splat(0.5625f), plus + minus, fused(splat(4), two, U(4)));
      break;
    }
    case FOUR: {
      vec sum1 = splat(-2.0f / 3) * (U(1) + U(2)), difference1 = splat(-2.0f / 3) * (U(1) - U(2));
      vec sum2 = splat(1.0f / 6) * (U(3) + U(4)), difference2 = splat(1.0f / 6) * (U(3) - U(4));
      g[0] = U(0) + (sum1 + sum2);
      g[gs] = fused(splat(HALF_ROOT2), difference1, splat(ROOT2) * difference2);
      g[2 * gs] = fused(splat(0.5f), sum1, fused(splat(2), sum2, U(5)));
      break;
    }
    case FIVE: {
      vec sum1 = splat(FIVE_1) * (U(0) + U(1)), difference1 = splat(FIVE_1) * (U(0) - U(1));
      vec sum2 = splat(FIVE_2) * (U(2) + U(3)), difference2 = splat(FIVE_2) * (U(2) - U(3));
      vec sum3 = splat(FIVE_3) * (U(4) + U(5)), difference3 = splat(FIVE_3) * (U(4) - U(5));
      g[0] = sum1 + (sum2 + sum3);
      g[gs] = fused(splat(0.25f), difference1, fused(splat(HALF_ROOT3), difference2, splat(1.75f) * difference3));
      g[2 * gs] = fused(splat(0.0625f), sum1, fused(splat(0.75f), sum2, fused(splat(3.0625f), sum3, U(6))));
      break;
    }
    case LAST: g[0] = U(0), g[gs] = U(1), g[2 * gs] = splat(0); break;
  }
}
