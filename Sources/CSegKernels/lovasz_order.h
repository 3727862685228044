// Sorts the errors of one class, the largest first and equal ones in the order of pixels.
//
// An element is 64 bits: the error's distance from 1, as the difference of two floats' bits, which are ordered as the
// floats are; then whether the pixel is the class's own; then its index. Three stable passes over 10 bits each: an
// error is at most 1, so the difference has 30.
#ifndef SK_LOVASZ_ORDER
#define SK_LOVASZ_ORDER
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { ORDER_DIGITS = 3, ORDER_BITS = 10, ORDER_BINS = 1 << ORDER_BITS };

static const uint32_t order_one = 0x3f800000;  // bits of 1.0f

// `bits` of an error in 0...1; the sign bit says that the pixel is the class's own.
static inline uint64_t order_element(uint32_t bits, uint32_t index) {
  uint64_t distance = order_one - (bits & 0x7fffffff);
  return distance << 32 | (bits & 0x80000000) | index;
}

static inline float order_error(uint64_t element) {
  uint32_t bits = order_one - (uint32_t)(element >> 32);
  float error;
  memcpy(&error, &bits, sizeof error);
  return error;
}

static inline int order_is_own(uint64_t element) { return (element & 0x80000000) != 0; }
static inline uint32_t order_index(uint64_t element) { return element & 0x7fffffff; }

// Sorts `count` elements at `a`; returns where they are then, at `a` or `b`.
static inline uint64_t *order_sort(uint64_t *a, uint64_t *b, size_t count) {
  uint32_t places[ORDER_DIGITS][ORDER_BINS];
  memset(places, 0, sizeof places);
  for (size_t i = 0; i < count; i++)
    for (int digit = 0; digit < ORDER_DIGITS; digit++)
      places[digit][a[i] >> (32 + digit * ORDER_BITS) & (ORDER_BINS - 1)]++;
  for (int digit = 0; digit < ORDER_DIGITS; digit++) {
    uint32_t *place = places[digit], sum = 0;
    int shift = 32 + digit * ORDER_BITS;
    if (count == 0 || place[a[0] >> shift & (ORDER_BINS - 1)] == count) continue;
    for (size_t bin = 0; bin < ORDER_BINS; bin++) {
      uint32_t n = place[bin];
      place[bin] = sum;
      sum += n;
    }
    for (size_t i = 0; i < count; i++) b[place[a[i] >> shift & (ORDER_BINS - 1)]++] = a[i];
    uint64_t *sorted = b;
    b = a;
    a = sorted;
  }
  return a;
}

#endif
