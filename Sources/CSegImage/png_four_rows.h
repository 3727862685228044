#ifndef SEGIMAGE_PNG_FOUR_ROWS_H
#define SEGIMAGE_PNG_FOUR_ROWS_H

// Four rows of pixels of 3 or 4 bytes at a time. A pixel waits for the one before it, so a row alone leaves the processor idle;
// four rows go along together, each LAG pixels behind the one above, whose results it takes out of the same vector. A lag
// of two instead of one keeps that move off the way from one pixel to the next.

#include "png_filters.h"

// Wide vectors are passed between functions, but all of these are inlined: there is no calling convention to differ in.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef int16_t shorts16 __attribute__((vector_size(32)));
typedef uint32_t words4 __attribute__((vector_size(16)));

enum { LAG = 2, SI_FOUR_ROWS_MINIMUM = 4 * (4 * LAG + 2) };

SI_INLINE shorts16 choose16(shorts16 mask, shorts16 a, shorts16 b) {
  return (mask & a) | (~mask & b);
}

// Every lane of row r is set where the row's filter is `filter`.
SI_INLINE shorts16 rows_of(const uint8_t filters[4], uint8_t filter) {
  shorts16 mask;
  for (int i = 0; i < 16; i++) mask[i] = filters[i / 4] == filter ? -1 : 0;
  return mask;
}

// Pixels [from, to) of a row, one by one.
SI_INLINE void undo_pixels(uint8_t filter, const uint8_t *in, const uint8_t *above, uint8_t *out,
                           size_t from, size_t to, size_t channels) {
  shorts4 left = {0}, corner = {0};
  if (from) {
    left = load_pixel(out + (from - 1) * channels, channels);
    corner = load_pixel(above + (from - 1) * channels, channels);
  }
  for (size_t i = from; i < to; i++) {
    const size_t x = i * channels;
    const shorts4 up = load_pixel(above + x, channels);
    shorts4 guess = {0};
    if (filter == 1) guess = left;
    if (filter == 2) guess = up;
    if (filter == 3) guess = (left + up) >> 1;
    if (filter == 4) guess = paeth(left, up, corner);
    left = (load_pixel(in + x, channels) + guess) & 255;
    corner = up;
    store_pixel(out + x, left, channels);
  }
}

SI_INLINE uint32_t load_word(const uint8_t *p) {
  uint32_t word;
  memcpy(&word, p, 4);
  return word;
}

SI_INLINE shorts16 widened(words4 pixels) {
  return __builtin_convertvector((bytes16)pixels, shorts16);
}

// `in` holds four rows of a filter byte and `row` bytes each; `is_paeth`: all filters are Paeth's.
SI_INLINE void undo_four_rows_of(const uint8_t *in, const uint8_t *above, uint8_t *out, size_t row,
                                 size_t channels, int is_paeth) {
  const size_t pixels = row / channels;
  const uint8_t *rows[4], *ups[4];
  uint8_t *outs[4], filters[4];
  for (size_t r = 0; r < 4; r++) {
    filters[r] = in[r * (row + 1)];
    rows[r] = in + r * (row + 1) + 1;
    outs[r] = out + r * row;
    ups[r] = r ? outs[r - 1] : above;
  }
  // The step at which the last row begins finds the others LAG pixels further each.
  const size_t start = 3 * LAG;
  for (size_t r = 0; r < 3; r++)
    undo_pixels(filters[r], rows[r], ups[r], outs[r], 0, start - r * LAG, channels);

  const shorts16 left_rows = rows_of(filters, 1), up_rows = rows_of(filters, 2);
  const shorts16 mean_rows = rows_of(filters, 3), paeth_rows = rows_of(filters, 4);
  // `next` is `up` of the coming step: the results of the step before the last, a row further down, and the pixel above
  // the first row.
  words4 word_left = {0}, word_next = {0}, word_corner = {0}, word_later = {0};
  for (size_t r = 0; r < 3; r++) {
    word_left[r] = load_word(outs[r] + (start - r * LAG - 1) * channels);
    word_next[r + 1] = load_word(outs[r] + (start - (r + 1) * LAG) * channels);
    word_later[r + 1] = load_word(outs[r] + (start - (r + 1) * LAG + 1) * channels);
    if (r) word_corner[r] = load_word(ups[r] + (start - r * LAG - 1) * channels);
  }
  word_corner[0] = load_word(above + (start - 1) * channels);
  shorts16 left = widened(word_left), corner = widened(word_corner);
  shorts16 next = widened(word_next), later = widened(word_later);
  // A pixel of 3 bytes is read and written as 4, so the last one of each row is left to the end.
  for (size_t t = start; t + 1 < pixels; t++) {
    const words4 first = {load_word(above + t * channels), 0, 0, 0};
    const shorts16 up = next | widened(first);
    words4 given;
    for (size_t r = 0; r < 4; r++) given[r] = load_word(rows[r] + (t - r * LAG) * channels);
    const shorts16 a = up - corner, b = left - corner;
    const shorts16 to_left = __builtin_elementwise_abs(a), to_up = __builtin_elementwise_abs(b);
    const shorts16 to_corner = __builtin_elementwise_abs(a + b);
    const shorts16 is_left = to_left <= __builtin_elementwise_min(to_up, to_corner);
    shorts16 guess = choose16(is_left, left, choose16(to_up <= to_corner, up, corner));
    if (!is_paeth)
      guess = (guess & paeth_rows) | (left & left_rows) | (up & up_rows) |
              (((left + up) >> 1) & mean_rows);
    left = (widened(given) + guess) & 255;
    corner = up;
    next = later;
    const shorts16 zero = {0};
    later = __builtin_shufflevector(zero, left, 0, 1, 2, 3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                                    26, 27);
    const words4 found = (words4)__builtin_convertvector(left, bytes16);
    for (size_t r = 0; r < 4; r++) {
      const uint32_t word = found[r];
      memcpy(outs[r] + (t - r * LAG) * channels, &word, 4);
    }
  }
  for (size_t r = 0; r < 4; r++)
    undo_pixels(filters[r], rows[r], ups[r], outs[r], pixels - 1 - r * LAG, pixels, channels);
}

SI_INLINE void undo_four_rows_with(const uint8_t *in, const uint8_t *above, uint8_t *out,
                                   size_t row, size_t channels) {
  int is_paeth = 1;
  for (size_t r = 0; r < 4; r++) is_paeth &= in[r * (row + 1)] == 4;
  if (is_paeth) undo_four_rows_of(in, above, out, row, channels, 1);
  else undo_four_rows_of(in, above, out, row, channels, 0);
}

// in (4, 1 + row) -> out (4, row), which may not overlap; rows of at least SI_FOUR_ROWS_MINIMUM bytes. `above` is the
// finished row before. Returns 0 for a filter that does not exist.
SI_CLONES
static int undo_four_rows(const uint8_t *in, const uint8_t *above, uint8_t *out, size_t row,
                          size_t channels) {
  for (size_t r = 0; r < 4; r++)
    if (in[r * (row + 1)] > 4) return 0;
  if (channels == 3) undo_four_rows_with(in, above, out, row, 3);
  else undo_four_rows_with(in, above, out, row, 4);
  return 1;
}

#pragma clang diagnostic pop

#endif
