// Eight rows of eight floats become columns. Included in the second part of a kernel file, once a variant.
typedef float SK_NAME(eight) __attribute__((vector_size(32), aligned(4)));

// Eight rows of eight: pairs of rows are interleaved three times.
SK_INLINE void SK_NAME(transpose8)(float *to, size_t to_pitch, const float *from, size_t from_pitch) {
  SK_NAME(eight) a[8], b[8];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i++) a[i] = *(const SK_NAME(eight) *)(from + i * from_pitch);
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i++) {
    size_t low = i / 4 * 4 + i % 2;
    a[i] = i % 4 < 2 ? __builtin_shufflevector(b[low], b[low + 2], 0, 1, 8, 9, 4, 5, 12, 13)
                     : __builtin_shufflevector(b[low], b[low + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i++) {
    SK_NAME(eight) row = i < 4 ? __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 8, 9, 10, 11)
                               : __builtin_shufflevector(a[i - 4], a[i], 4, 5, 6, 7, 12, 13, 14, 15);
    *(SK_NAME(eight) *)(to + i * to_pitch) = row;
  }
}
