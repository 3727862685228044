// Sixteen rows of few columns (pixels of few classes) at a time: one vector then holds one column of sixteen
// rows, and sums over a row need no work across lanes. Include it after vecmath.h.
//
//   enum { ROWS16_COLUMNS = 32 }                      the most columns it takes.
//   size_t rows16_whole(rows, c)                      how many rows from the start may be read in groups
//                                                     of sixteen without reading past the end of (rows, c).
//   void load_rows16(v16 *t, const float *x, c)       t[i] = column i of rows 0 ..< 16 of x.
//   void store_rows16(float *y, v16 *t, c, add)       the way back, y = t or y += t; changes t.
//
// t has room for ROWS16_COLUMNS vectors; load_rows16 leaves others than 0 ..< c undefined.

#ifndef SK_ROWS16
#define SK_ROWS16
enum { ROWS16_COLUMNS = 32 };

// A load takes whole vectors, so up to 15 floats after the row it wants.
static inline size_t rows16_whole(size_t rows, size_t c) {
  size_t beyond = (16 - c % 16) % 16, needed = (beyond + c - 1) / c;
  return rows < needed ? 0 : (rows - needed) / 16 * 16;
}
#endif

// Rows become columns.
SK_INLINE void SK_NAME(turn16)(v16 *r) {
  v16 w[16];
  for (int g = 0; g < 4; g++) {
    v16 a = r[4 * g], b = r[4 * g + 1], c = r[4 * g + 2], d = r[4 * g + 3];
    v16 ab = __builtin_shufflevector(
        a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    v16 ab2 = __builtin_shufflevector(
        a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    v16 cd = __builtin_shufflevector(
        c, d, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
    v16 cd2 = __builtin_shufflevector(
        c, d, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    // w[4 g + j], quarter l: rows 4 g ... 4 g + 3 of column 4 l + j.
    w[4 * g] = __builtin_shufflevector(
        ab, cd, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    w[4 * g + 1] = __builtin_shufflevector(
        ab, cd, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    w[4 * g + 2] = __builtin_shufflevector(
        ab2, cd2, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
    w[4 * g + 3] = __builtin_shufflevector(
        ab2, cd2, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  }
  for (int j = 0; j < 4; j++) {
    v16 a = w[j], b = w[4 + j], c = w[8 + j], d = w[12 + j];
    v16 ab = __builtin_shufflevector(
        a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    v16 ab2 = __builtin_shufflevector(
        a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    v16 cd = __builtin_shufflevector(
        c, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    v16 cd2 = __builtin_shufflevector(
        c, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    r[j] = __builtin_shufflevector(
        ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    r[4 + j] = __builtin_shufflevector(
        ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
    r[8 + j] = __builtin_shufflevector(
        ab2, cd2, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    r[12 + j] = __builtin_shufflevector(
        ab2, cd2, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
}

SK_INLINE void SK_NAME(load_rows16)(v16 *t, const float *x, size_t c) {
  for (size_t block = 0; block * 16 < c; block++) {
    v16 r[16];
    for (size_t lane = 0; lane < 16; lane++) r[lane] = SK_NAME(load16)(x + lane * c + block * 16);
    SK_NAME(turn16)(r);
    for (size_t i = 0; i < 16; i++) t[block * 16 + i] = r[i];
  }
}

SK_INLINE void SK_NAME(store_rows16)(float *y, v16 *t, size_t c, int32_t add) {
  size_t blocks = (c + 15) / 16;
  for (size_t block = 0; block < blocks; block++) SK_NAME(turn16)(t + block * 16);
  size_t last = blocks - 1, left = c - last * 16;
  if (add) {
    // All loads before all stores: a load that overlaps a store just made waits for it.
    v16i lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    v16i wanted = (v16i)(lanes < (int32_t)left);
    for (size_t lane = 0; lane < 16; lane++)
      for (size_t block = 0; block < blocks; block++) {
        if (lane == 15 && block == last) continue;
        v16 *value = t + block * 16 + lane;
        v16 old = SK_NAME(load16)(y + lane * c + block * 16);
        *value = block == last ? SK_NAME(select16)(wanted, old + *value, old) : old + *value;
      }
  }
  // Lanes past c spill into the next row, which is stored after this one.
  for (size_t lane = 0; lane < 16; lane++)
    for (size_t block = 0; block < blocks; block++)
      if (lane < 15 || block < last)
        SK_NAME(store16)(y + lane * c + block * 16, t[block * 16 + lane]);
  // Nothing may be written past the last row: it may be another thread's.
  float *place = y + 15 * c + last * 16;
  v16 value = t[last * 16 + 15];
  for (size_t i = 0; i < left; i++) place[i] = add ? place[i] + value[i] : value[i];
}
