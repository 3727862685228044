#ifndef WINOGRAD_BLOCKS_H
#define WINOGRAD_BLOCKS_H
// Sizes of the pieces a Winograd pass works in. They depend on the problem alone, so that any number of threads gives
// the same bits.
#include <stddef.h>
#include <stdint.h>

enum {
  PAD = 16,                  // floats between rows and products: powers of two would share cache sets
  BLOCK_TILES = 24,          // of one task, at most: their products fit the second-level cache
  OUTPUT_SLICE = 64,         // output channels whose products lie in the cache together
  PRIVATE_CHANNELS = 160,
  CHANNEL_BLOCK = 512,       // channels transformed at once
  LINE = 16,                 // floats of a cache line
  WIDEST_PANEL = 32          // of sk_matrix in any variant
};

static inline size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }
static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// Near-equal pieces of at most `most` (but an even number of them, so that two threads finish together).
static inline size_t even_pieces(size_t count, size_t most) {
  size_t pieces = (count + most - 1) / most;
  if (pieces > 1) pieces = round_up(pieces, 2);
  return smaller(pieces, count ? count : 1);
}

// An odd number of cache lines between products.
static inline size_t product_pitch(size_t floats) {
  size_t lines = (floats + LINE - 1) / LINE;
  return (lines % 2 ? lines : lines + 1) * LINE;
}

// Tiles that are transformed together when all threads share the work: as many as keep their products in the last-level
// cache, but enough that transforming weights, or reading them, is a small part.
static inline size_t shared_tiles(size_t tiles, size_t products, size_t channels, size_t outputs, size_t budget) {
  size_t floats = products * (smaller(channels, CHANNEL_BLOCK) + outputs + 2 * PAD);
  size_t most = budget / sizeof(float) / floats;
  if (most < 192) most = 192;
  size_t ranges = (tiles + most - 1) / most;
  return (tiles + ranges - 1) / ranges;
}

#endif
