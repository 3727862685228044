#include "segimage.h"

int si_map_labels(uint8_t *pixels, size_t count, const uint8_t mapped[256],
                  const uint8_t invalid[256]) {
  uint8_t bad = 0;
  for (size_t i = 0; i < count; i++) {
    bad |= invalid[pixels[i]];
    pixels[i] = mapped[pixels[i]];
  }
  return bad;
}
