#ifndef SK_CHANNEL_SUMS_H
#define SK_CHANNEL_SUMS_H
// How kernels cut (rows, channels) into chunks of rows when they sum over rows: two double sums a channel
// and chunk lie in `partial`, chunk after chunk, and are added in chunk order.
#include <stddef.h>

enum {
  SUM_ELEMENTS = 65536,  // floats of one chunk: 256 KB, well inside a second-level cache
  SUM_MOST_CHUNKS = 128, // keeps `partial` small against x however many channels there are
  SUM_CHANNELS = 64      // channels of one task of the final addition
};

static inline size_t sum_chunk_rows(size_t rows, size_t channels) {
  size_t count = SUM_ELEMENTS / channels, least = (rows + SUM_MOST_CHUNKS - 1) / SUM_MOST_CHUNKS;
  if (count < least) count = least;
  return (count + 3) / 4 * 4;
}

static inline size_t sum_chunks(size_t rows, size_t channels) {
  size_t chunk = sum_chunk_rows(rows, channels);
  return (rows + chunk - 1) / chunk;
}

static inline size_t sum_bytes(size_t rows, size_t channels) {
  return sum_chunks(rows, channels) * channels * 2 * sizeof(double);
}

static inline size_t sum_final_tasks(size_t channels) {
  return (channels + SUM_CHANNELS - 1) / SUM_CHANNELS;
}

#endif
