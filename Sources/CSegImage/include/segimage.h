#ifndef SEGIMAGE_H
#define SEGIMAGE_H

#include <stddef.h>
#include <stdint.h>

// Thin shims over libpng and libjpeg. Every longjmp of those libraries begins and ends inside one
// of these functions; callers see return codes and a message.

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
// one byte a sample up to 8 bits, a native uint16_t at 16. `out` takes `out_bytes` =
// height * width * channels * (1 or 2), and has room for `height` bytes more, which hold anything.
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

// ---- zlib streams ----

// Decompresses a whole zlib stream of known size: returns 1 when it is sound, is all there is in `in` and fills `out`
// exactly, else 0, and `out` holds anything. By libdeflate where it is installed, else by zlib.
int si_unpack(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count);
int si_unpack_zlib(const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count);

// The checksum of PNG chunks, by the same library.
uint32_t si_crc32(const uint8_t *bytes, size_t count);

// The library of both: "libdeflate" or "zlib".
const char *si_unpack_library(void);

// Decompresses a zlib stream of at most `limit` bytes; what follows the stream is ignored. `*out` is
// to be freed with si_free.
int si_inflate(const uint8_t *bytes, size_t count, size_t limit, uint8_t **out, size_t *out_count,
               char message[SI_MESSAGE_SIZE]);

// ---- resizing ----

// A window of `out_height` x `out_width` at (`top`, `left`) of the picture that `in` gives when
// resized to `full_height` x `full_width`; the whole picture is the window (0, 0, full_height,
// full_width).
typedef struct {
  size_t in_height, in_width;
  size_t full_height, full_width;
  size_t top, left, out_height, out_width;
} si_resize_shape;

// Triangle filter, its support growing when shrinking (antialiased), columns first, each pass
// rounded to 8 bits half up. `in` is (in_height, in_width, channels), `out` (out_height, out_width,
// channels); channels 1 or 3; no overlap.
int si_resize_bilinear(const uint8_t *in, uint8_t *out, size_t channels,
                       const si_resize_shape *shape);

// The pixel whose area holds the output pixel's centre, one byte a pixel.
int si_resize_nearest(const uint8_t *in, uint8_t *out, const si_resize_shape *shape);

// The same two as OpenCV's INTER_LINEAR and INTER_NEAREST compute them, bit for bit: the first without
// antialiasing, the second by the pixel that holds the output pixel's upper left corner.
int si_resize_linear_opencv(const uint8_t *in, uint8_t *out, size_t channels,
                            const si_resize_shape *shape);
int si_resize_nearest_opencv(const uint8_t *in, uint8_t *out, const si_resize_shape *shape);

// ---- pixels ----

// Reverses every row of `pixels` (height, width, channels) in place.
void si_flip_columns(uint8_t *pixels, size_t height, size_t width, size_t channels);

// out[i][c] = table[c][in[i][order[c]]], 3 channels: normalisation by lookup, order {0,1,2} or
// {2,1,0}.
void si_normalize(const uint8_t *in, size_t pixels, const float *table, int reversed, float *out);

// Mean of round(0.299 R + 0.587 G + 0.114 B) over an RGB picture whose brightness were changed by the factor.
double si_mean_gray(const uint8_t *rgb, size_t pixels, float brightness);

// Brightness, contrast and saturation of `height` rows of `width` pixels, which begin `stride` bytes apart:
// v = clamp(base + factor * (v - base)), rounded down, with base 0, then `mean`, then each pixel's own gray.
void si_adjust_colors(uint8_t *rgb, size_t height, size_t width, size_t stride, float brightness,
                      float mean, float contrast, float saturation);

// ---- memory ----

// Lets the C library keep up to 32 MB of freed memory for each thread that allocates. It would give a picture's buffers
// back to the system when it is done with and get the next one's page by page, a quarter of the time of decoding.
void si_keep_freed_memory(void);

// ---- labels ----

// pixels[i] = mapped[pixels[i]]; returns 1 if invalid[] is set for any of the old values, else 0.
int si_map_labels(uint8_t *pixels, size_t count, const uint8_t mapped[256],
                  const uint8_t invalid[256]);

#endif
