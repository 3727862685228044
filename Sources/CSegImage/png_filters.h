#ifndef SEGIMAGE_PNG_FILTERS_H
#define SEGIMAGE_PNG_FILTERS_H

// PNG's five filters undone, one row at a time (PNG specification, section 9). `in` and `out` may be one
// buffer with `out` at least one byte lower: every step reads before it writes, and writes at most
// one byte beyond its pixel, which is where nothing unread lies.

#include <stddef.h>
#include <stdint.h>
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
    case 4: undo_row(4, in, above, out, row, channels); return 1;
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
