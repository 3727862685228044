#ifndef SEGIMAGE_H
#define SEGIMAGE_H

#include <stddef.h>
#include <stdint.h>

// Thin shims over libpng and libjpeg. Every longjmp of those libraries begins and ends inside one of
// these functions; callers see return codes and a message.

enum {
  SI_OK = 0,
  SI_DAMAGED = 1,        // the message is the library's own
  SI_TRUNCATED = 2,      // the bytes end before the picture does
  SI_OUT_OF_MEMORY = 3,
  SI_WARNED = 4,         // si_jpeg_*: decoded to the end, but with invented pixels
};

enum { SI_MESSAGE_SIZE = 256 };

// ---- PNG ----

typedef struct {
  uint32_t width, height;
  uint8_t bit_depth;      // 1, 2, 4, 8, 16
  uint8_t color_type;     // as stored: 0 gray, 2 RGB, 3 palette, 4 gray+alpha, 6 RGBA
  uint8_t channels;       // of the stored samples
  uint8_t interlaced;
  uint32_t palette_count; // entries of `palette`, 3 bytes each
  uint8_t palette[768];
} si_png_info;

// Reads everything before the pixels.
int si_png_read_info(const uint8_t *bytes, size_t count, si_png_info *info,
                     char message[SI_MESSAGE_SIZE]);

// Reads the samples as stored, never scaled or expanded, rows top down, channels interleaved:
// one byte a sample up to 8 bits, a native uint16_t at 16. `out` holds `out_bytes` =
// height * width * channels * (1 or 2).
int si_png_read_samples(const uint8_t *bytes, size_t count, void *out, size_t out_bytes,
                        char message[SI_MESSAGE_SIZE]);

// Encodes 8-bit samples; color_type 0, 2 or 3. `*out` is to be freed with si_free.
int si_png_encode(uint32_t width, uint32_t height, int color_type, const uint8_t *palette,
                  size_t palette_count, const uint8_t *pixels, uint8_t **out, size_t *out_count,
                  char message[SI_MESSAGE_SIZE]);

void si_free(void *pointer);

// ---- JPEG ----

int si_jpeg_read_size(const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height,
                      char message[SI_MESSAGE_SIZE]);

// Decodes to RGB, 3 bytes a pixel, rows top down; `out_bytes` = height * width * 3.
int si_jpeg_decode_rgb(const uint8_t *bytes, size_t count, uint8_t *out, size_t out_bytes,
                       char message[SI_MESSAGE_SIZE]);

// ---- labels ----

// pixels[i] = mapped[pixels[i]]; returns 1 if invalid[] is set for any of the old values, else 0.
int si_map_labels(uint8_t *pixels, size_t count, const uint8_t mapped[256],
                  const uint8_t invalid[256]);

#endif
