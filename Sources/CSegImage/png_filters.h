#ifndef SEGIMAGE_PNG_FILTERS_H
#define SEGIMAGE_PNG_FILTERS_H

// PNG's five filters undone, one row at a time (PNG specification, section 9). `in` and `out` may be one
// buffer with `out` at least one byte lower: every step reads before it writes, and writes at most
// one byte beyond its pixel, which is where nothing unread lies.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clones.h"

typedef uint8_t bytes4 __attribute__((vector_size(4)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef int16_t shorts4 __attribute__((vector_size(8)));

#define SI_INLINE static inline __attribute__((always_inline))

// `size` bytes in the first lanes of a vector, wider lanes than bytes so that they can be subtracted.
SI_INLINE shorts4 load_pixel(const uint8_t *p, size_t size) {
  bytes4 x = {0};
  memcpy(&x, p, size);
  return __builtin_convertvector(x, shorts4);
}

SI_INLINE void store_pixel(uint8_t *p, shorts4 pixel, size_t size) {
  const bytes4 x = __builtin_convertvector(pixel, bytes4);
  memcpy(p, &x, size);
}

SI_INLINE shorts4 choose(shorts4 mask, shorts4 a, shorts4 b) { return (mask & a) | (~mask & b); }

// Whichever of left, up and corner is nearest to left + up - corner, in this order on ties.
SI_INLINE shorts4 paeth(shorts4 left, shorts4 up, shorts4 corner) {
  const shorts4 a = up - corner, b = left - corner;
  const shorts4 to_left = __builtin_elementwise_abs(a), to_up = __builtin_elementwise_abs(b);
  const shorts4 to_corner = __builtin_elementwise_abs(a + b);
  // Neither comparison waits for the other.
  const shorts4 is_left = to_left <= __builtin_elementwise_min(to_up, to_corner);
  return choose(is_left, left, choose(to_up <= to_corner, up, corner));
}

// One pixel of `n` bytes, read and written `size` bytes wide.
SI_INLINE void undo_pixel(uint8_t filter, const uint8_t *in, const uint8_t *above, uint8_t *out,
                          size_t size, shorts4 *left, shorts4 *corner) {
  const shorts4 up = above ? load_pixel(above, size) : (shorts4){0};
  shorts4 guess = *left;
  if (filter == 3) guess = (*left + up) >> 1;
  if (filter == 4) guess = paeth(*left, up, *corner);
  *left = (load_pixel(in, size) + guess) & 255;
  *corner = up;
  store_pixel(out, *left, size);
}

// Filters that look to the left. Pixels of 3 bytes go 4 at a time up to the last one.
SI_INLINE void undo_row(uint8_t filter, const uint8_t *in, const uint8_t *above, uint8_t *out,
                        size_t row, size_t channels) {
  shorts4 left = {0}, corner = {0};
  size_t x = 0;
  for (; x + channels < row; x += channels)
    undo_pixel(filter, in + x, above ? above + x : NULL, out + x, channels == 3 ? 4 : channels,
               &left, &corner);
  undo_pixel(filter, in + x, above ? above + x : NULL, out + x, channels, &left, &corner);
}

// Whether 8 bytes are all zero, or how many are before the first that is not.
SI_INLINE size_t leading_zeros(uint64_t bytes) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  return bytes ? (size_t)__builtin_ctzll(bytes) / 8 : 8;
#else
  return bytes ? (size_t)__builtin_clzll(bytes) / 8 : 8;
#endif
}

// The first `count` of 8 bytes; what lies behind them may be unread input.
SI_INLINE void put_bytes(uint8_t *out, uint64_t bytes, size_t count) {
  if (count == 8) memcpy(out, &bytes, 8);
  else for (size_t i = 0; i < count; i++) out[i] = ((const uint8_t *)&bytes)[i];
}

// Paeth's filter on single bytes, for label maps: nearly all of these are equal to their guess. While they are, a byte
// whose left neighbour is that of the row above is the byte above, and one below two equal bytes is its left neighbour.
SI_INLINE void undo_paeth_bytes(const uint8_t *in, const uint8_t *above, uint8_t *out, size_t row) {
  uint8_t left = 0, corner = 0;
  for (size_t x = 0; x < row;) {
    if (x + 8 <= row) {
      uint64_t zeros, up;
      memcpy(&zeros, in + x, 8);
      memcpy(&up, above + x, 8);
      size_t length = leading_zeros(zeros);
      if (length && left == corner) {
        put_bytes(out + x, up, length);
        x += length;
        left = corner = above[x - 1];
        continue;
      }
      const size_t constant = leading_zeros(up ^ corner * 0x0101010101010101u);
      if (constant < length) length = constant;
      if (length) {
        put_bytes(out + x, left * 0x0101010101010101u, length);
        x += length;
        continue;
      }
    }
    const int a = above[x] - corner, b = left - corner, to_corner = abs(a + b);
    const int guess =
        abs(a) <= abs(b) && abs(a) <= to_corner ? left : abs(b) <= to_corner ? above[x] : corner;
    corner = above[x];
    out[x] = left = (uint8_t)(in[x] + guess);
    x++;
  }
}

SI_INLINE void undo_up(const uint8_t *in, const uint8_t *above, uint8_t *out, size_t row) {
  size_t x = 0;
  for (; x + 16 <= row; x += 16) {
    bytes16 a, b;
    memcpy(&a, in + x, 16);
    memcpy(&b, above + x, 16);
    a += b;
    memcpy(out + x, &a, 16);
  }
  for (; x < row; x++) out[x] = (uint8_t)(in[x] + above[x]);
}

// in (row) -> out (row); `above` is the finished row before, NULL for the first. Returns 0 for a filter
// that does not exist.
SI_INLINE int undo_filter_of(uint8_t filter, const uint8_t *in, const uint8_t *above, uint8_t *out,
                             size_t row, size_t channels) {
  // Above the first row is nothing but zeros, which makes Paeth's filter the left neighbour's.
  if (!above && filter == 2) filter = 0;
  if (!above && filter == 4) filter = 1;
  switch (filter) {
    case 0: memmove(out, in, row); return 1;
    case 1: undo_row(1, in, NULL, out, row, channels); return 1;
    case 2: undo_up(in, above, out, row); return 1;
    case 3:
      if (above) undo_row(3, in, above, out, row, channels);
      else undo_row(3, in, NULL, out, row, channels);
      return 1;
    case 4:
      if (channels == 1) undo_paeth_bytes(in, above, out, row);
      else undo_row(4, in, above, out, row, channels);
      return 1;
    default: return 0;
  }
}

SI_CLONES
static int undo_filter(uint8_t filter, const uint8_t *in, const uint8_t *above, uint8_t *out,
                       size_t row, size_t channels) {
  switch (channels) {
    case 1: return undo_filter_of(filter, in, above, out, row, 1);
    case 2: return undo_filter_of(filter, in, above, out, row, 2);
    case 3: return undo_filter_of(filter, in, above, out, row, 3);
    default: return undo_filter_of(filter, in, above, out, row, 4);
  }
}

#endif
