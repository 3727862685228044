// The last step of every convolution kernel: a vector of finished sums becomes output. Included after native.h.
//
// `sums` is a constant in each caller, so that what is not wanted costs nothing.
#ifndef SK_CONV2D_SUMS
#define SK_CONV2D_SUMS
// What one task has summed for one vector of channels of up to 16 pixels, relative to the first of them: in single
// precision that loses nothing, as neighbours differ little; the totals are in double.
#endif

struct SK_NAME(sums) {
  vec pivot, first, second;
  int32_t count;
};

SK_INLINE vec SK_NAME(where)(SK_NAME(native) value, __typeof__((vec){0} > (vec){0}) mask) {
  return (vec)((__typeof__(mask))value & mask);
}

// Writes `value` to element `at` of the output (channel `channel`).
SK_INLINE void SK_NAME(finish)(
    const int32_t sums, const sk_conv2d_output *out, size_t at, size_t channel, vec value, struct SK_NAME(sums) *sum) {
  if (out->bias) value += load(out->bias + channel);
  if (out->accumulate) value += load(out->y + at);
  if (out->residual) value += load(out->residual + at);
  if (out->rectify) value = SK_NAME(where)(value, ~(value < splat(0)));  // NaN stays
  if (sums == SK_GRADIENT_SUMS) {
    vec centred = load(out->z + at) - load(out->activation.mean + channel);
    vec activation = centred * load(out->activation.scale + channel) + load(out->activation.shift + channel);
    value = SK_NAME(where)(value, activation > splat(0));
    sum->first += value;
    sum->second += value * centred;
  }
  if (sums == SK_MOMENTS) {
    if (sum->count++ == 0) sum->pivot = value;
    vec distance = value - sum->pivot;
    sum->first += distance;
    sum->second += distance * distance;
  }
  store(out->y + at, value);
}

// Adds a group's sums to the task's totals (2, channels).
SK_INLINE void SK_NAME(add_sums)(
    const int32_t sums, const struct SK_NAME(sums) *sum, double *totals, size_t channels, size_t channel) {
  if (sums == SK_NO_SUMS) return;
  double *first = totals + channel, *second = totals + channels + channel;
  for (size_t i = 0; i < VL; i++) {
    double s = sum->first[i], q = sum->second[i];
    if (sums == SK_MOMENTS) {
      double pivot = sum->pivot[i], count = sum->count;
      q += pivot * (2 * s + count * pivot);
      s += count * pivot;
    }
    first[i] += s;
    second[i] += q;
  }
}
