#include "clones.h"
#include "segimage.h"

void si_flip_columns(uint8_t *pixels, size_t height, size_t width, size_t channels) {
  for (size_t y = 0; y < height; y++) {
    uint8_t *left = pixels + y * width * channels, *right = left + (width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
      for (size_t c = 0; c < channels; c++) {
        uint8_t value = left[c];
        left[c] = right[c];
        right[c] = value;
      }
    }
  }
}

void si_normalize(const uint8_t *in, size_t pixels, const float *table, int reversed, float *out) {
  size_t first = reversed ? 2 : 0, last = 2 - first;
  for (size_t i = 0; i < pixels; i++) {
    out[3 * i] = table[in[3 * i + first]];
    out[3 * i + 1] = table[256 + in[3 * i + 1]];
    out[3 * i + 2] = table[512 + in[3 * i + last]];
  }
}

// ITU-R 601 luma in 16-bit fixed point.
static inline uint32_t gray(const uint8_t *rgb) {
  return (19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u) >> 16;
}

static inline uint8_t blend(float base, float value, float factor) {
  float v = base + factor * (value - base);
  v = v < 0 ? 0 : v;
  return (uint8_t)(v > 255 ? 255 : v);
}

SI_CLONES
static void blend_level(const uint8_t *in, uint8_t *out, size_t count, float base, float factor) {
  for (size_t i = 0; i < count; i++) out[i] = blend(base, in[i], factor);
}

SI_CLONES
static void blend_gray(uint8_t *rgb, size_t pixels, float factor) {
  for (size_t i = 0; i < pixels; i++) {
    float base = (float)gray(rgb + 3 * i);
    for (size_t c = 0; c < 3; c++) rgb[3 * i + c] = blend(base, rgb[3 * i + c], factor);
  }
}

SI_CLONES
static uint32_t sum_gray(const uint8_t *rgb, size_t pixels) {
  uint32_t sum = 0;
  for (size_t i = 0; i < pixels; i++) sum += gray(rgb + 3 * i);
  return sum;
}

double si_mean_gray(const uint8_t *rgb, size_t pixels, float brightness) {
  enum { BLOCK = 1024 };
  uint8_t brighter[3 * BLOCK];
  uint64_t sum = 0;
  for (size_t i = 0; i < pixels; i += BLOCK) {
    const size_t count = pixels - i < BLOCK ? pixels - i : BLOCK;
    const uint8_t *block = rgb + 3 * i;
    if (brightness != 1) {
      blend_level(block, brighter, 3 * count, 0, brightness);
      block = brighter;
    }
    sum += sum_gray(block, count);
  }
  return pixels ? (double)sum / (double)pixels : 0;
}

void si_adjust_colors(uint8_t *rgb, size_t height, size_t width, size_t stride, float brightness,
                      float mean, float contrast, float saturation) {
  for (size_t y = 0; y < height; y++) {
    uint8_t *row = rgb + y * stride;
    if (brightness != 1) blend_level(row, row, 3 * width, 0, brightness);
    if (contrast != 1) blend_level(row, row, 3 * width, mean, contrast);
    if (saturation != 1) blend_gray(row, width, saturation);
  }
}
