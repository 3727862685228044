#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "segimage.h"

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  char *message;
} sink;

static void on_error(png_structp png, png_const_charp text) {
  sink *s = png_get_error_ptr(png);
  strncpy(s->message, text, SI_MESSAGE_SIZE - 1);
  s->message[SI_MESSAGE_SIZE - 1] = 0;
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_write(png_structp png, png_bytep data, size_t count) {
  sink *s = png_get_io_ptr(png);
  if (count > s->capacity - s->count) {
    size_t capacity = 2 * s->capacity + count + 4096;
    uint8_t *grown = realloc(s->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    s->bytes = grown;
    s->capacity = capacity;
  }
  memcpy(s->bytes + s->count, data, count);
  s->count += count;
}

static void on_flush(png_structp png) { (void)png; }

int si_png_encode(uint32_t width, uint32_t height, int color_type, const uint8_t *palette,
                  size_t palette_count, const uint8_t *pixels, uint8_t **out, size_t *out_count,
                  char message[SI_MESSAGE_SIZE]) {
  sink s = {NULL, 0, 0, message};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
  if (!png) return SI_OUT_OF_MEMORY;
  png_infop info = png_create_info_struct(png);
  if (!info) {
    png_destroy_write_struct(&png, NULL);
    return SI_OUT_OF_MEMORY;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(s.bytes);
    return SI_DAMAGED;
  }
  png_set_write_fn(png, &s, on_write, on_flush);
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  // Photographs want a filter; the flat areas of label maps are best left as they are.
  png_set_compression_level(png, color_type == PNG_COLOR_TYPE_RGB ? 3 : 6);
  png_set_filter(png, 0, color_type == PNG_COLOR_TYPE_RGB ? PNG_FILTER_SUB : PNG_FILTER_NONE);
  png_set_IHDR(png, info, width, height, 8, color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
  if (color_type == PNG_COLOR_TYPE_PALETTE) {
    png_color entries[256];
    if (palette_count > 256) png_error(png, "more than 256 palette entries");
    for (size_t i = 0; i < palette_count; i++)
      entries[i] = (png_color){palette[3 * i], palette[3 * i + 1], palette[3 * i + 2]};
    png_set_PLTE(png, info, entries, (int)palette_count);
  }
  png_write_info(png, info);
  size_t row_bytes = (size_t)width * (color_type == PNG_COLOR_TYPE_RGB ? 3 : 1);
  for (size_t y = 0; y < height; y++) png_write_row(png, pixels + y * row_bytes);
  png_write_end(png, NULL);
  png_destroy_write_struct(&png, &info);
  *out = s.bytes;
  *out_count = s.count;
  return SI_OK;
}

void si_free(void *pointer) { free(pointer); }
