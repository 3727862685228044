// The last step of every convolution kernel: a vector of finished sums becomes output. Included after native.h.
//
// `sums` is a constant in each caller, so that what is not wanted costs nothing.

// What has been summed for one vector of channels over some twenty pixels, relative to the first of them: in single
// precision that loses nothing, as neighbours differ little; the totals are in double.
struct SK_NAME(sums) {
  vec pivot, first, second;
  int32_t count;
};

SK_INLINE vec SK_NAME(where)(SK_NAME(native) value, __typeof__((vec){0} > (vec){0}) mask) {
  return (vec)((__typeof__(mask))value & mask);
}

// What finishing needs of one vector of channels.
struct SK_NAME(column) {
  vec bias, mean, scale, shift;
};

SK_INLINE struct SK_NAME(column) SK_NAME(column_of)(const int32_t sums, const sk_conv2d_output *out, size_t channel) {
  struct SK_NAME(column) column = {splat(0), splat(0), splat(0), splat(0)};
  if (out->bias) column.bias = load(out->bias + channel);
  if (sums != SK_GRADIENT_SUMS) return column;
  column.mean = load(out->activation.mean + channel);
  if (out->activated) return column;
  column.scale = load(out->activation.scale + channel), column.shift = load(out->activation.shift + channel);
  return column;
}

// Whether nothing is done to values but what `sums` says.
SK_INLINE int32_t SK_NAME(is_plain)(const sk_conv2d_output *out) {
  return !out->bias && !out->accumulate && !out->residual && !out->rectify;
}

// Writes `value` to element `at` of the output. `plain` is a constant too.
SK_INLINE void SK_NAME(finish)(
    const int32_t sums, const int32_t plain, const sk_conv2d_output *out, const struct SK_NAME(column) *column, size_t at,
    vec value, struct SK_NAME(sums) *sum) {
  if (!plain) {
    if (out->bias) value += column->bias;
    if (out->accumulate) value += load(out->y + at);
    if (out->residual) value += load(out->residual + at);
    if (out->rectify) value = SK_NAME(where)(value, ~(value < splat(0)));  // NaN stays
  }
  if (sums == SK_GRADIENT_SUMS) {
    vec centred = load(out->z + at) - column->mean;
    vec activation = out->activated ? load(out->activated + at) : centred * column->scale + column->shift;
    value = SK_NAME(where)(value, activation > splat(0));
    sum->first += value;
    sum->second += value * centred;
  }
  if (sums == SK_MOMENTS) {
    if (sum->count == 0) sum->pivot = value;
    vec distance = value - sum->pivot;
    sum->first += distance;
    sum->second += distance * distance;
  }
  if (sums != SK_NO_SUMS) sum->count++;
  if (out->streams)
    stream(out->y + at, value);
  else
    store(out->y + at, value);
}

typedef double SK_NAME(doubles) __attribute__((vector_size(8 * VL), aligned(8)));

// Adds a group's sums to the task's totals (2, channels).
SK_INLINE void SK_NAME(add_sums)(
    const int32_t sums, const struct SK_NAME(sums) *sum, double *totals, size_t channels, size_t channel) {
  if (sums == SK_NO_SUMS) return;
  SK_NAME(doubles) *first = (SK_NAME(doubles) *)(totals + channel), *second = (SK_NAME(doubles) *)(totals + channels + channel);
  SK_NAME(doubles) s = __builtin_convertvector(sum->first, SK_NAME(doubles));
  SK_NAME(doubles) q = __builtin_convertvector(sum->second, SK_NAME(doubles));
  if (sums == SK_MOMENTS) {
    SK_NAME(doubles) pivot = __builtin_convertvector(sum->pivot, SK_NAME(doubles));
    double count = sum->count;
    q += pivot * (2 * s + count * pivot);
    s += count * pivot;
  }
  *first += s;
  *second += q;
}
