#ifndef SK_PIXEL_CHUNKS_H
#define SK_PIXEL_CHUNKS_H
// How pixel losses cut their work, and how many classes they take.
#include <stddef.h>

enum {
  PIXEL_CLASSES = 256,  // most classes a label can tell apart
  PIXEL_CHUNK = 2048    // pixels of one task
};

static inline size_t pixel_chunks(size_t pixels) {
  return (pixels + PIXEL_CHUNK - 1) / PIXEL_CHUNK;
}

#endif
