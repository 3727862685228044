#ifndef SK_PIXEL_LABELS_H
#define SK_PIXEL_LABELS_H
// The one masking rule of the pixel losses: a pixel counts when its label is a class and not the
// ignored one. Everything else, also a label that is no class at all, has no part in value nor gradient.
#include <stddef.h>
#include <stdint.h>

enum {
  PIXEL_CLASSES = 256,   // most classes a label can tell apart
  PIXEL_NO_LABEL = 256,  // stands for pixels past the end
  PIXEL_CHUNK = 2048     // pixels of one task
};

// Looked up by label.
struct pixel_labels {
  int32_t mask[PIXEL_CLASSES + 1];   // -1 where it counts, else 0
  uint8_t class_[PIXEL_CLASSES + 1]; // the label where it counts, else 0
};

static inline struct pixel_labels pixel_labels_of(size_t classes, int32_t ignore) {
  struct pixel_labels labels = {0};
  for (size_t label = 0; label < classes && label < PIXEL_CLASSES; label++) {
    if ((int32_t)label == ignore) continue;
    labels.mask[label] = -1;
    labels.class_[label] = (uint8_t)label;
  }
  return labels;
}

static inline size_t pixel_chunks(size_t pixels) {
  return (pixels + PIXEL_CHUNK - 1) / PIXEL_CHUNK;
}

#endif
