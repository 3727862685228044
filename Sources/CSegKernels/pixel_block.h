// Blocks of 16 pixels with a vector for each channel, for kernels that work across the few channels of a
// pixel (classes): include it in part 2 of a kernel file, after vecmath.h.
//
//   void load_pixels(v16 *z, const float *x, channels, count, readable, scratch)
//       z[c] = channel c of pixels 0 .. 15 of x (pixels, channels); lanes from `count` on are 0.
//       z has room for the channels rounded up to 16; the surplus ones hold anything.
//       `readable` floats of x exist from here on.
//   void store_pixels(float *y, v16 *z, channels, count, accumulate, scratch)
//       the inverse for the first `count` pixels; nothing else is written. Destroys z.
//   v16i load_labels(const uint8_t *labels, classes, count, ignore)
//       the labels of 16 pixels, -1 in lanes from `count` on and wherever a pixel does not count. This is
//       the one masking rule of the pixel losses: a pixel counts when its label is a class and not the
//       ignored one. Everything else has no part in value nor gradient.
//   v16 largest16(const v16 *z, channels)
//       the largest channel of each pixel.
//   v16i predicted16(const v16 *z, channels, v16 *largest)
//       which channel that is, the first of equals.
//
// The first two want scratch of 16 * (channels rounded up to 16) floats.

SK_INLINE void SK_NAME(transpose16)(v16 *r) {
  v16 t[16];
  // Pairs within quarters of a vector, then quarters against quarters: single shuffles everywhere.
  for (int i = 0; i < 16; i += 2) {
    t[i] = __builtin_shufflevector(
        r[i], r[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    t[i + 1] = __builtin_shufflevector(
        r[i], r[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  }
  for (int i = 0; i < 16; i += 4)
    for (int j = 0; j < 2; j++) {
      r[i + 2 * j] = __builtin_shufflevector(
          t[i + j], t[i + j + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
      r[i + 2 * j + 1] = __builtin_shufflevector(
          t[i + j], t[i + j + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
  for (int j = 0; j < 4; j++)
    for (int i = 0; i < 16; i += 8) {
      t[j + i] = __builtin_shufflevector(
          r[j + i], r[j + i + 4], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      t[j + i + 4] = __builtin_shufflevector(
          r[j + i], r[j + i + 4], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
  for (int j = 0; j < 4; j++)
    for (int i = 0; i < 8; i += 4) {
      r[j + i] = __builtin_shufflevector(
          t[j + i], t[j + i + 8], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
      r[j + i + 8] = __builtin_shufflevector(
          t[j + i], t[j + i + 8], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    }
}

SK_INLINE void SK_NAME(load_pixels)(
    v16 *z, const float *x, size_t channels, size_t count, size_t readable, float *scratch) {
  size_t groups = (channels + 15) / 16, wanted = 15 * channels + 16 * groups;
  if (count < 16 || readable < wanted) {
    memset(scratch, 0, wanted * sizeof *scratch);
    memcpy(scratch, x, count * channels * sizeof *scratch);
    x = scratch;
  }
  for (size_t group = 0; group < groups; group++, z += 16, x += 16) {
    // The last group reads on into the next pixel; those lanes become the surplus channels.
    for (size_t pixel = 0; pixel < 16; pixel++) z[pixel] = SK_NAME(load16)(x + pixel * channels);
    SK_NAME(transpose16)(z);
  }
}

SK_INLINE void SK_NAME(store_pixels)(
    float *y, v16 *z, size_t channels, size_t count, int32_t accumulate, float *scratch) {
  // The last group spills into the next pixel, whose own first channels are written afterwards.
  for (size_t group = (channels + 15) / 16; group-- > 0;) {
    SK_NAME(transpose16)(z + 16 * group);
    for (size_t pixel = 0; pixel < 16; pixel++)
      SK_NAME(store16)(scratch + pixel * channels + 16 * group, z[16 * group + pixel]);
  }
  size_t n = count * channels;
  if (accumulate)
    for (size_t i = 0; i < n; i++) y[i] += scratch[i];
  else
    for (size_t i = 0; i < n; i++) y[i] = scratch[i];
}

SK_INLINE v16i SK_NAME(load_labels)(
    const uint8_t *labels, size_t classes, size_t count, int32_t ignore) {
  typedef uint8_t v16u8 __attribute__((vector_size(16), aligned(1)));
  const v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  v16u8 bytes = {0};
  if (count < 16) memcpy(&bytes, labels, count);
  else bytes = *(const v16u8 *)labels;
  v16i label = __builtin_convertvector(bytes, v16i);
  v16i counts = (label < (int32_t)classes) & (label != ignore) & (lanes < (int32_t)count);
  return label | ~counts;
}

SK_INLINE v16 SK_NAME(largest16)(const v16 *z, size_t channels) {
  v16 largest = z[0];
  for (size_t c = 1; c < channels; c++) largest = SK_NAME(max16)(largest, z[c]);
  return largest;
}

SK_INLINE v16i SK_NAME(predicted16)(const v16 *z, size_t channels, v16 *largest) {
  v16i prediction = {0};
  *largest = z[0];
  for (size_t c = 1; c < channels; c++) {
    v16i larger = (v16i)(z[c] > *largest);
    *largest = SK_NAME(select16)(larger, z[c], *largest);
    prediction = (prediction & ~larger) | ((int32_t)c & larger);
  }
  return prediction;
}
